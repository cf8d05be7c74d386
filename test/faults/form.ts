import { join } from 'node:path'

/** Whether the long form runs (`bun run test:faults`), or the short one. */
export const full = process.env['FAULTS'] === 'full'

/** How often the long form kills: CI, which has 40 minutes for all, does so less often. */
export const longCycles = process.env['CI'] ? 10 : 50

/** How to start a server with a fault planted. */
export const mutant = (name: string) => ({
  preload: [join(import.meta.dir, 'mutants.ts')],
  env: { MUTANT: name },
})

export type Fault = Partial<ReturnType<typeof mutant>>
