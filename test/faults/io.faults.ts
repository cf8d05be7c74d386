import { expect, test } from 'bun:test'
import { report } from '../support/figures.ts'
import { withServers } from '../support/instances.ts'
import { randomFrom, seedFor } from '../support/seed.ts'
import type { Server } from '../support/server.ts'
import { faultsOfCopy } from './file.ts'
import { type Fault, full, mutant } from './form.ts'
import { Ledger } from './ledger.ts'
import { addStock, askAgain, namespace, startLoad } from './load.ts'
import { canTrace, injectFault } from './strace.ts'

// Calls are counted from when a server has begun to serve: one server meets one error after the other.

const clients = 8
const places = Array.from({ length: 100 }, (_, n) => n + 1)
const lastingMs = 30
/** At one place of each kind an error that is there for good outlasts what a write waits for. */
const longPlace = 50
const longMs = 5_000
const stock = 1_000
const roundsPerCheck = 50

/** A call, the error that it ends with, and whether it is all from that place on, or the one. */
type Case = { call: 'pwrite64' | 'fsync'; error: 'EIO' | 'ENOSPC'; place: number; forGood: boolean }

const everyCase: Case[] = (['pwrite64', 'fsync'] as const).flatMap((call) =>
  (['EIO', 'ENOSPC'] as const).flatMap((error) =>
    [false, true].flatMap((forGood) => places.map((place) => ({ call, error, place, forGood }))),
  ),
)

test.skipIf(!canTrace)(
  'an error at any of the first writes and syncs, once or for good, loses nothing that was answered',
  async () => {
    const random = randomFrom(seedFor('I/O errors'))
    const cases = full ? everyCase : everyCase.filter(({ place }) => place === 3)
    const { ledger, faults } = await meet('I/O errors', cases, random)

    expect(faults).toEqual([])
    expect(ledger.unavailable).toBeGreaterThan(0)
  },
  full ? 900_000 : 60_000,
)

test.if(full && canTrace)(
  'the same check catches a server that answers before the commit',
  async () => {
    const random = randomFrom(seedFor('I/O errors, mutant'))
    const cases = everyCase.filter(({ place, call }) => place < 5 && call === 'fsync')
    const { faults } = await meet(
      'I/O errors, mutant',
      cases,
      random,
      mutant('answers before the commit'),
    )

    expect(faults[0]).toMatch(/lost|was answered|was given/)
  },
  60_000,
)

/** Lets a server under load meet these errors, until a fault of its own is found. */
async function meet(name: string, cases: Case[], random: () => number, fault: Fault = {}) {
  const ledger = new Ledger()
  let met = 0
  try {
    return await withServers(
      1,
      async ([server], path) => {
        if (!server) throw new Error('There is no server.')
        const { apiKey } = await server.keyFor(namespace)
        const target = { port: server.port, apiKey, ledger, random }
        const faults: string[] = []
        for (const each of cases) {
          if (met % roundsPerCheck === 0) await addStock(target, `ITEM-${met}`, stock)
          await meetOne(server, path, each, () => startLoad(target, clients, `round-${met}`))
          const after = await server.as(namespace, apiKey).match(`after-${met}`)
          if (after.status !== 200) faults.push(`answered ${after.status} once the fault was gone`)
          await askAgain(target, ledger.named(`round-${met}-`))
          met++
          if (met % roundsPerCheck === 0 || met === cases.length)
            faults.push(...faultsOfCopy(path, namespace, ledger))
          faults.push(...ledger.violations)
          if (faults.length > 0) break
        }
        return { ledger, faults }
      },
      fault,
    )
  } finally {
    const { acknowledged, unavailable } = ledger
    report(name, { met, acknowledged, unavailable })
  }
}

async function meetOne(
  { child }: Server,
  path: string,
  { call, error, place, forGood }: Case,
  start: () => ReturnType<typeof startLoad>,
): Promise<void> {
  const inject = `${call}:error=${error}:when=${place}${forGood ? '+' : ''}`
  const injected = await injectFault(child.pid, [path, `${path}-wal`], inject)
  const load = start()
  await injected.hit()
  if (forGood) await Bun.sleep(full && place === longPlace ? longMs : lastingMs)
  await injected.detach()
  await load.stop()
}
