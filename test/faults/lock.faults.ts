import { expect, test } from 'bun:test'
import { report } from '../support/figures.ts'
import { withServers } from '../support/instances.ts'
import { startLockHolder } from '../support/lock-holder.ts'
import { randomFrom, seedFor } from '../support/seed.ts'
import { faultsOfCopy } from './file.ts'
import { type Fault, full, mutant } from './form.ts'
import { Ledger } from './ledger.ts'
import { addStock, askAgain, namespace, startLoad } from './load.ts'

const holds = full ? 15 : 1
const holdMaxMs = full ? 3_000 : 500
const takeMaxMs = 8_000
const clients = 32
const answersPerHold = 200
const stock = 20_000

test(
  `another process that holds the write lock up to ${holdMaxMs} ms, ${holds} times, loses nothing`,
  async () => {
    const { faults } = await holdTheLock('lock', holds)

    expect(faults).toEqual([])
  },
  full ? 120_000 : 60_000,
)

test.if(full)(
  'the same check catches a server that writes without a batch and goes on after a refusal',
  async () => {
    const { faults } = await holdTheLock('lock, mutant', 5, mutant('commits by itself'))

    expect(faults[0]).toMatch(/lost|was answered|was given/)
  },
  60_000,
)

/** Another process takes the lock again and again while a server works, until a fault is found. */
async function holdTheLock(name: string, holdsMax: number, fault: Fault = {}) {
  const seed = seedFor(name)
  const ledger = new Ledger()
  return await withServers(
    1,
    async ([server], path) => {
      if (!server) throw new Error('There is no server.')
      const { apiKey } = await server.keyFor(namespace)
      const target = { port: server.port, apiKey, ledger, random: randomFrom(seed) }
      await addStock(target, 'ITEM', stock)
      const holder = startLockHolder(`file:${path}`, seed, holdMaxMs)
      const load = startLoad(target, clients, 'load')
      let held = true
      try {
        for (let n = 0; n < holdsMax; n++) {
          const enough = ledger.acknowledged + answersPerHold
          while (ledger.acknowledged < enough) await Bun.sleep(1)
          held = await Promise.race([
            holder.hold().then(() => true),
            Bun.sleep(takeMaxMs).then(() => false),
          ])
          if (!held) break
        }
      } finally {
        await holder.stop()
        await load.stop()
      }
      // What waited in vain can end with unavailable, but once the lock is free nothing else does.
      const during = ledger.unavailable
      await askAgain(target, ledger.named(''))
      const faults = [...ledger.violations, ...faultsOfCopy(path, namespace, ledger)]
      if (!held) faults.push('the server did not give the lock back')
      if (ledger.unavailable > during) faults.push('unavailable although the lock was free')
      report(name, { holds: holdsMax, acknowledged: ledger.acknowledged, unavailable: during })
      return { faults }
    },
    fault,
  )
}
