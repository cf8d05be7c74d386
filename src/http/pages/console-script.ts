import { bundleConsole } from './console-bundle.ts' with { type: 'macro' }

// The call is run, and its outcome put here, when this file is loaded, or built into an executable.
export const script = bundleConsole()
