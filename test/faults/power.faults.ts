import { expect, test } from 'bun:test'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { tempFolder } from '../support/app.ts'
import { report } from '../support/figures.ts'
import { randomFrom, seedFor } from '../support/seed.ts'
import { startServer } from '../support/server.ts'
import { Disk } from './disk.ts'
import { faultsOf } from './file.ts'
import { type Fault, full, mutant } from './form.ts'
import { Ledger } from './ledger.ts'
import { addStock, askAgain, namespace, startLoad } from './load.ts'
import { canTrace } from './strace.ts'
import { Tape } from './tape.ts'
import { type Call, readTrace, traced } from './trace.ts'

const fileName = 'zaas.db'
const clients = 32
const answersPerLife = full ? 800 : 50
const outagesMax = 20
const recordingsMax = 3
const stock = 3_000
const cuts = full ? 500 : 20

test.skipIf(!canTrace)(
  `${cuts} power cuts: nothing that was answered is lost, also by a restart between`,
  async () => {
    const { faults, cutsMade } = await cutThePower('power loss', cuts)

    expect(faults).toEqual([])
    expect(cutsMade).toBe(cuts)
  },
  300_000,
)

test.if(full && canTrace)(
  'the same cuts lose with synchronous=NORMAL',
  async () => {
    const { faults } = await cutThePower('power loss, NORMAL', cuts, mutant('does not sync'))

    expect(faults[0]).toMatch(/lost|no such table/)
  },
  300_000,
)

test.if(full && canTrace)(
  'also when every sync fails from some moment on, until the restart',
  async () => {
    const { faults } = await cutThePower('power loss, EIO', cuts, {}, ['fsync:error=EIO:when=40+'])

    expect(faults).toEqual([])
  },
  300_000,
)

test.if(full && canTrace)(
  'which loses with a server that takes for durable what it finds in the log',
  async () => {
    const inject = ['fsync:error=EIO:when=40+']
    const fault = mutant('skips the checkpoint on open')
    // By chance a failed sync may leave all of a commit on the disk.
    let faults: string[] = []
    for (let n = 0; n < recordingsMax && faults.length === 0; n++)
      ({ faults } = await cutThePower('power loss, EIO, mutant', cuts, fault, inject))

    expect(faults[0]).toMatch(/lost/)
  },
  300_000,
)

/** Records two servers, one after the other, on one file, and cuts the power until a fault is found. */
async function cutThePower(
  name: string,
  cutsMax: number,
  fault: Fault = {},
  inject: string[] = [],
) {
  const random = randomFrom(seedFor(name))
  const folder = tempFolder()
  try {
    const { calls, notes } = await record(folder.path, random, fault, inject)
    const places = placesOf(calls, cutsMax, random)
    const disk = new Disk(basename(folder.path), random)
    const ledger = new Ledger()
    const faults: string[] = []
    let [done, told, cutsMade] = [0, 0, 0]
    for (const place of places) {
      for (const call of calls.slice(done, place)) disk.apply(call)
      done = place
      // An answer counts when it had arrived before the system saw the call at which the power is cut.
      const cutAt = calls[place]?.at ?? 0
      for (; (notes[told]?.at ?? Infinity) < cutAt; told++) notes[told]?.play(ledger)
      const left = join(folder.path, `cut-${cutsMade++}-`)
      for (const [file, content] of disk.cut()) writeFileSync(left + file, content)
      faults.push(...faultsOf(left + fileName, namespace, ledger))
      for (const end of ['', '-wal', '-shm', '-journal'])
        rmSync(left + fileName + end, { force: true })
      if (faults.length > 0) break
    }
    report(name, { cuts: cutsMade, calls: calls.length, acknowledged: ledger.acknowledged })
    return { faults, cutsMade }
  } finally {
    folder.remove()
  }
}

/** Half of the places are anywhere, half at syncs and truncations, where the most is at stake. */
function placesOf(calls: readonly Call[], count: number, random: () => number): number[] {
  const turns = calls.flatMap(({ name }, n) => (name === 'sync' || name === 'truncate' ? n : []))
  return Array.from({ length: count }, (_, n) => {
    const among = n % 2 === 0 ? calls.length : turns.length
    const pick = Math.floor(random() * among)
    return n % 2 === 0 ? pick : (turns[pick] ?? 0)
  }).sort((a, b) => a - b)
}

/** What two servers did to their files, and what their callers were told when. */
async function record(folder: string, random: () => number, fault: Fault, inject: string[]) {
  const path = join(folder, fileName)
  const files = [folder, ...['', '-wal', '-journal'].map((end) => path + end)]
  const ledger = new Tape()
  const calls: Call[] = []
  let apiKey: string | undefined
  for (const life of [0, 1]) {
    const out = join(folder, `trace-${life}`)
    const under = traced(out, files, life === 0 ? inject : [])
    const server = await startServer(`file:${path}`, { ...fault, under })
    try {
      apiKey ??= (await server.keyFor(namespace)).apiKey
      const target = { port: server.port, apiKey, ledger, random }
      await askAgain(target, ledger.named(`life-${life - 1}-`))
      await addStock(target, `ITEM-${life}`, stock)
      const load = startLoad(target, clients, `life-${life}`)
      const enough = ledger.acknowledged + answersPerLife
      while (ledger.acknowledged < enough && ledger.unavailable < outagesMax) await Bun.sleep(1)
      await server.stop('SIGKILL')
      await load.done
    } finally {
      await server.stop('SIGKILL')
    }
    calls.push(...readTrace(readFileSync(out, 'utf8')))
  }
  expect(ledger.violations).toEqual([])
  return { calls, notes: ledger.notes }
}
