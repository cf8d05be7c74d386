import { bundleConsole } from './console-bundle.ts' with { type: 'macro' }

// As a macro, this call is replaced by its result when the file is loaded, or built into an executable.
export const script = bundleConsole()
