import type { Call } from './trace.ts'

type Change = { offset: number; data: Buffer } | { size: number }
/** `sure` says whether a power cut leaves the name as it is, there or gone. */
type File = { durable: Buffer; unsynced: Change[]; gone: boolean; sure: boolean }

/**
 * A disk as POSIX promises it and no better. What was synced is there. Of what was not, any sector may
 * have reached the disk in any state that it had since, and so may any truncation; a file that was made
 * or unlinked is so for sure once its folder is synced. After a sync that failed the system takes what
 * was to be synced for clean: what of it has not reached the disk by then never will (fsyncgate, 2018).
 */
export class Disk {
  readonly #folder: string
  readonly #random: () => number
  readonly #files = new Map<string, File>()

  constructor(folder: string, random: () => number) {
    this.#folder = folder
    this.#random = random
  }

  apply(call: Call): void {
    if (call.name === 'sync') {
      if (call.file === this.#folder) this.#syncNames(call.failed)
      else this.#sync(this.#find(call.file), call.failed)
    } else if (!call.failed) this.#change(call)
  }

  /** What a power cut leaves, file by file. */
  *cut(): Generator<[name: string, content: Buffer]> {
    for (const [name, file] of this.#files) {
      const there = file.sure ? !file.gone : this.#random() < 0.5
      if (there) yield [name, this.#afterCut(file)]
    }
  }

  #change(call: Exclude<Call, { name: 'sync' }>): void {
    switch (call.name) {
      case 'create': {
        const file = this.#files.get(call.file)
        const fresh = { durable: Buffer.alloc(0), unsynced: [], gone: false, sure: false }
        if (!file || file.gone) this.#files.set(call.file, fresh)
        return
      }
      case 'unlink':
        Object.assign(this.#find(call.file), { gone: true, sure: false })
        return
      case 'write':
        this.#find(call.file).unsynced.push({ offset: call.offset, data: call.data })
        return
      case 'truncate':
        this.#find(call.file).unsynced.push({ size: call.size })
    }
  }

  #sync(file: File, failed: boolean): void {
    file.durable = failed ? this.#afterCut(file) : applied(file, () => Infinity)
    file.unsynced = []
  }

  #syncNames(failed: boolean): void {
    if (!failed) for (const file of this.#files.values()) file.sure = true
  }

  #find(name: string): File {
    const file = this.#files.get(name)
    if (!file) throw new Error(`${name} was never made.`)
    return file
  }

  /** Each sector, of 512 bytes or of a page, as it was after some number of the changes. */
  #afterCut(file: File): Buffer {
    const sectorBytes = this.#random() < 0.5 ? 512 : 4_096
    const count = file.unsynced.length
    const reached = new Map<number, number>()
    return applied(
      file,
      (sector) => {
        const known = reached.get(sector)
        if (known !== undefined) return known
        const dice = this.#random()
        const changes = dice < 0.4 ? 0 : dice < 0.7 ? count : Math.floor(this.#random() * count)
        reached.set(sector, changes)
        return changes
      },
      sectorBytes,
    )
  }
}

/** The content after the first so many changes, for each sector; a truncation counts as a sector of its own. */
function applied(file: File, changesOf: (sector: number) => number, sectorBytes = 2 ** 40): Buffer {
  const ends = file.unsynced.map((change) =>
    'data' in change ? change.offset + change.data.length : 0,
  )
  const content = Buffer.alloc(Math.max(file.durable.length, ...ends))
  file.durable.copy(content)
  let size = file.durable.length
  for (const [n, change] of file.unsynced.entries()) {
    if ('size' in change) {
      if (n >= changesOf(-1 - n)) continue
      content.fill(0, change.size)
      size = change.size
      continue
    }
    const end = change.offset + change.data.length
    for (let at = change.offset; at < end; ) {
      const sector = Math.floor(at / sectorBytes)
      const until = Math.min(end, (sector + 1) * sectorBytes)
      if (n < changesOf(sector)) {
        change.data.copy(content, at, at - change.offset, until - change.offset)
        size = Math.max(size, until)
      }
      at = until
    }
  }
  return content.subarray(0, size)
}
