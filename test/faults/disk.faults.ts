import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { report } from '../support/figures.ts'
import { tempFolder } from '../support/folder.ts'
import { randomFrom, seedFor } from '../support/seed.ts'
import { startServer } from '../support/server.ts'
import { faultsOfCopy } from './file.ts'
import { type Fault, full, mutant } from './form.ts'
import { Ledger } from './ledger.ts'
import { addStock, askAgain, namespace, startLoad } from './load.ts'

const clients = 8
const smallMiB = full ? 8 : 2
const refusals = 20
const stock = 1_000
const stocksMax = 100

const canMount = (await withSmallDisk(async () => true)) ?? false

if (!canMount && process.env['CI']) throw new Error('A small disk cannot be mounted.')
if (!canMount) process.stderr.write('skipped: a small disk cannot be mounted here\n')

test.skipIf(!canMount)(
  'a disk that fills up loses nothing that was answered, and what it refuses goes on once there is room',
  async () => {
    const { ledger, faults } = await fillDisk('full disk')

    expect(faults).toEqual([])
    expect(ledger.unavailable).toBeGreaterThanOrEqual(refusals)
  },
  120_000,
)

test.if(full && canMount)(
  'the same check catches a server that answers before the commit',
  async () => {
    const { faults } = await fillDisk('full disk, mutant', mutant('answers before the commit'))

    expect(faults[0]).toMatch(/lost|was answered|was given/)
  },
  120_000,
)

/** Lets a server under load fill its disk, makes room, and looks at what is left. */
async function fillDisk(name: string, fault: Fault = {}) {
  const random = randomFrom(seedFor(name))
  const ledger = new Ledger()
  const result = await withSmallDisk(async (folder, makeRoom) => {
    const path = join(folder, 'zaas.db')
    const server = await startServer(`file:${path}`, fault)
    try {
      const { apiKey, match } = await server.keyFor(namespace)
      const target = { port: server.port, apiKey, ledger, random }
      const load = startLoad(target, clients, 'load')
      for (let n = 0; ledger.unavailable < refusals && n < stocksMax; n++)
        await addStock(target, `ITEM-${n}`, stock)
      await load.stop()
      await makeRoom()
      const { status } = await match('after')
      const refused = ledger.unavailable
      await askAgain(target, ledger.named(''))
      const faults = [...ledger.violations, ...faultsOfCopy(path, namespace, ledger)]
      if (status !== 200) faults.push(`answered ${status} although there was room`)
      if (ledger.unavailable > refused) faults.push('unavailable although there was room')
      return { ledger, faults }
    } finally {
      await server.stop('SIGKILL')
      report(name, { acknowledged: ledger.acknowledged, unavailable: ledger.unavailable })
    }
  })
  if (!result) throw new Error('The small disk could not be mounted.')
  return result
}

/** Gives a small disk of its own to `use`, and takes it away; undefined where none can be mounted. */
async function withSmallDisk<Result>(
  use: (path: string, makeRoom: () => Promise<unknown>) => Promise<Result>,
): Promise<Result | undefined> {
  const folder = tempFolder()
  const mount = (options: string) =>
    Bun.$`mount -t tmpfs -o ${options} zaas-test ${folder.path}`.quiet().nothrow()
  try {
    const { exitCode } = await mount(`size=${smallMiB}m`)
    if (exitCode !== 0) return undefined
    return await use(folder.path, () => mount('remount,size=256m'))
  } finally {
    await Bun.$`umount ${folder.path}`.quiet().nothrow()
    folder.remove()
  }
}
