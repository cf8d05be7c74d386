import { expect, test } from 'bun:test'
import { report } from '../support/figures.ts'
import { at } from '../support/instances.ts'
import { sqldIsHere } from '../support/sqld.ts'
import { Cluster } from './cluster.ts'
import { full } from './form.ts'
import { namespace } from './load.ts'

const clients = 32
const stock = 50_000
const answersBetween = 1_000

test.if(full && sqldIsHere)(
  'SIGTERM restarts of two servers on sqld, in turn: no failure for a client that tries twice',
  async () => {
    const cluster = await Cluster.start(2)
    try {
      const { apiKey, patch } = await at(cluster.instances, 0).server.keyFor(namespace)
      await patch({ add: Array.from({ length: stock }, (_, n) => `ITEM-${n}`) })
      const told = new Map<string, string | undefined>()
      const failures: unknown[] = []
      let retries = 0
      let stopped = false

      // As behind a load balancer: the second try goes to the other server.
      const match = async (requestor: string, through: number) => {
        const { server } = at(cluster.instances, through)
        const { status, body } = await server.as(namespace, apiKey).match(requestor)
        if (status !== 200 || !body.item) throw new Error(`answered ${status}`)
        return body.item
      }
      const clientLoops = Array.from({ length: clients }, async (_, client) => {
        for (let n = 0; !stopped; n++) {
          const requestor = `${client}-${n}`
          const item = await match(requestor, client + n)
            .catch(() => {
              retries++
              return match(requestor, client + n + 1)
            })
            .catch((error) => void failures.push(error))
          if (item) told.set(requestor, item)
        }
      })
      const answers = async (count: number) => {
        const enough = told.size + count
        while (told.size < enough && failures.length === 0) await Bun.sleep(5)
      }

      await answers(answersBetween)
      for (const instance of [...cluster.instances, ...cluster.instances]) {
        await cluster.replace(instance, 'SIGTERM')
        await answers(answersBetween)
      }
      stopped = true
      await Promise.all(clientLoops)
      report('rolling restart', { told: told.size, retries })

      expect(failures).toEqual([])
      expect(new Set(told.values()).size).toBe(told.size)
    } finally {
      await cluster.stop()
    }
  },
  120_000,
)
