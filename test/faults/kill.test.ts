import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { tempFolder } from '../support/app.ts'
import { report } from '../support/figures.ts'
import { launch } from '../support/process.ts'
import { randomFrom, seedFor } from '../support/seed.ts'
import { startServer } from '../support/server.ts'
import { faultsOfCopy } from './file.ts'
import { type Fault, full, longCycles, mutant } from './form.ts'
import { Ledger } from './ledger.ts'
import { addStock, askAgain, importAndUndo, namespace, startLoad, undoAgain } from './load.ts'

const cycles = full ? longCycles : 1
const clients = 32
const killAfterMaxMs = 600
const stockPerCycle = 3_000
const undonePerCycle = 1_000
const startMs = 600

test(
  `kill -9 under ${clients} clients, ${cycles} times: nothing that was answered is lost`,
  async () => {
    const { ledger, faults } = await killAgainAndAgain('kill -9', cycles)

    expect(faults).toEqual([])
    expect(ledger.unavailable).toBe(0)
  },
  full ? 900_000 : 60_000,
)

test.if(full)(
  'the same check catches a server that answers before the commit',
  async () => {
    const { faults } = await killAgainAndAgain(
      'kill -9, mutant',
      10,
      mutant('answers before the commit'),
    )

    expect(faults[0]).toMatch(/lost|was answered|was given/)
  },
  60_000,
)

/** Starts servers one after the other on one file, each killed under load, until a fault is found. */
async function killAgainAndAgain(name: string, cyclesMax: number, fault: Fault = {}) {
  const random = randomFrom(seedFor(name))
  const ledger = new Ledger()
  const folder = tempFolder()
  const path = join(folder.path, 'zaas.db')
  const faults: string[] = []
  let cycle = 0
  let apiKey: string | undefined
  try {
    for (; cycle < cyclesMax && faults.length === 0; cycle++) {
      if (random() < 0.2) await killInStart(path, random() * startMs)
      const server = await startServer(`file:${path}`, fault)
      try {
        apiKey ??= (await server.keyFor(namespace)).apiKey
        const target = { port: server.port, apiKey, ledger, random }
        // Twice: what came of a call without an answer is told by the first, and then stays so.
        for (const _ of 'ab') await askAgain(target, ledger.named(`cycle-${cycle - 1}-`))
        await addStock(target, `ITEM-${cycle}`, stockPerCycle)
        if (cycle > 0) {
          const left = await undoAgain(target, `undone-${cycle - 1}`)
          if (left > 0) faults.push(`${left} items of a batch that was taken back are available`)
        }
        const load = startLoad(target, clients, `cycle-${cycle}`)
        const undone = importAndUndo(target, `undone-${cycle}`, undonePerCycle)
        await Bun.sleep(random() * killAfterMaxMs)
        await server.stop('SIGKILL')
        await Promise.all([load.done, undone])
      } finally {
        await server.stop('SIGKILL')
      }
      faults.push(...ledger.violations, ...faultsOfCopy(path, namespace, ledger))
    }
    if (apiKey && faults.length === 0) await askEveryone(path, apiKey, ledger)
    return { ledger, faults: [...faults, ...ledger.violations] }
  } finally {
    report(name, { cycles: cycle, acknowledged: ledger.acknowledged })
    folder.remove()
  }
}

/** A process that dies while it reads what the one before it left. */
async function killInStart(path: string, afterMs: number): Promise<void> {
  const { child } = launch({ PORT: '0', HOST: '127.0.0.1', DATABASE_URL: `file:${path}` })
  await Bun.sleep(afterMs)
  child.kill('SIGKILL')
  await child.exited
}

async function askEveryone(path: string, apiKey: string, ledger: Ledger): Promise<void> {
  const server = await startServer(`file:${path}`)
  try {
    const target = { port: server.port, apiKey, ledger, random: () => 0 }
    await askAgain(target, ledger.named(''))
  } finally {
    await server.stop('SIGKILL')
  }
}
