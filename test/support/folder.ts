import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A fresh folder for the files of one test; `remove` takes it away. */
export function tempFolder(parent = tmpdir()): { path: string; remove: () => void } {
  const path = mkdtempSync(join(parent, 'zaas-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
