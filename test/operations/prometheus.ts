import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { masterKey, tempFolder } from '../support/app.ts'
import { withServers } from '../support/instances.ts'
import { freePort, root } from '../support/process.ts'
import { alertQueries, dashboardQueries, operandsOf } from '../support/promql.ts'
import type { Server } from '../support/server.ts'
import { answerOnce503 } from '../support/unready.ts'

// A real Prometheus scrapes a real zaas and answers every query of the dashboard and the alerts. Run by
// `bun run test:operations`; needs prometheus and promtool.

const waitMaxMs = 30_000
const pollMs = 100
const scrapesMin = 4

const folder = tempFolder()

let answers: Map<string, number[]>
let firing: string[]
let scraped: string

beforeAll(async () => {
  await withServers(1, async ([server], path) => {
    if (!server) throw new Error('There is no server.')
    const traffic = await startTraffic(server, path)
    const prometheus = await startPrometheus(server)
    try {
      await prometheus.until(`count_over_time(zaas_ready[1m]) >= ${scrapesMin}`)
      answers = new Map()
      for (const expr of queries) answers.set(expr, await prometheus.query(expr))
      await prometheus.until('ALERTS{alertname="ZaasExhausted", alertstate="firing"}')
      firing = await prometheus.alerts()
      const headers = { authorization: `Bearer ${masterKey}` }
      scraped = await (await fetch(`${server.origin}/metrics`, { headers })).text()
    } finally {
      await traffic.stop()
      await prometheus.stop()
    }
  })
}, 90_000)
afterAll(folder.remove)

const queries = [
  ...dashboardQueries.map(({ expr }) => expr),
  ...alertQueries.flatMap(({ expr }) => operandsOf(expr)),
]

test.each([...new Set(queries)])('Prometheus has values for %s', (expr) => {
  const values = answers.get(expr) ?? []
  expect(values).not.toHaveLength(0)
  expect(values.some(Number.isFinite)).toBe(true)
})

test('the alert of an exhausted namespace fires, and none that says zaas is down', () => {
  expect(firing).toContain('ZaasExhausted')
  expect(firing).not.toContain('ZaasDown')
  expect(firing).not.toContain('ZaasNotReady')
})

test('promtool takes the metrics, the rules, and what the rules fire on', async () => {
  const metrics = Bun.spawn(['promtool', 'check', 'metrics'], {
    stdin: new Blob([scraped]),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  expect(await new Response(metrics.stderr).text()).toBe('')
  expect(await metrics.exited).toBe(0)
  for (const command of [
    ['check', 'rules', 'deploy/alerts.yaml'],
    ['test', 'rules', 'test/operations/alerts.test.yaml'],
  ]) {
    const checked = Bun.spawnSync(['promtool', ...command], { cwd: root })
    expect([command, checked.exitCode, checked.stderr.toString()]).toEqual([command, 0, ''])
  }
})

/** Matches of every outcome, and what fails, again and again until `stop`. */
async function startTraffic(server: Server, path: string) {
  const [shop, empty] = [await server.keyFor('shop'), await server.keyFor('empty')]
  const stranger = server.as('shop', 'an unknown key')
  await shop.patch({ add: Array.from({ length: 10_000 }, (_, n) => `item-${n}`) })
  let stopped = false
  const asking = (async () => {
    for (let n = 0; !stopped; n++) {
      await shop.match(`requestor-${n}`)
      await shop.match('requestor-0')
      await empty.match(`requestor-${n}`)
      await stranger.match(`requestor-${n}`)
      await answerOnce503(server, path)
      await Bun.sleep(pollMs)
    }
  })()
  return {
    stop: async () => {
      stopped = true
      await asking
    },
  }
}

async function startPrometheus(server: Server) {
  const port = freePort()
  const config = join(folder.path, 'prometheus.yaml')
  await Bun.write(config, configFor(server))
  const child = Bun.spawn(
    [
      'prometheus',
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdout: 'ignore', stderr: 'inherit' },
  )
  const api = (path: string) => fetch(`http://127.0.0.1:${port}/api/v1/${path}`)
  const query = async (expr: string) => {
    const answer = await api(`query?query=${encodeURIComponent(expr)}`)
    const { data, error } = (await answer.json()) as Answer
    if (!data) throw new Error(`${expr}: ${error}`)
    return data.result.map(({ value }) => Number(value[1]))
  }
  /** Waits until a query has a value; there is nothing that would tell. */
  const until = async (expr: string) => {
    const end = performance.now() + waitMaxMs
    while ((await query(expr).catch(() => [])).length === 0) {
      if (performance.now() > end) throw new Error(`Prometheus never had ${expr}`)
      await Bun.sleep(pollMs)
    }
  }
  return {
    query,
    until,
    alerts: async () => {
      const { data } = (await (await api('alerts')).json()) as Alerts
      return data.alerts
        .filter(({ state }) => state === 'firing')
        .map(({ labels }) => labels.alertname)
    },
    stop: async () => {
      child.kill()
      await child.exited
    },
  }
}

type Answer = { data?: { result: { value: [number, string] }[] }; error?: string }
type Alerts = { data: { alerts: { state: string; labels: { alertname: string } }[] } }

/** The scrape of docs/operations.md, at a quicker pace. */
const configFor = ({ port }: Server) => `
global: { scrape_interval: 500ms, evaluation_interval: 500ms }
rule_files: [${join(root, 'deploy/alerts.yaml')}]
scrape_configs:
  - job_name: zaas
    authorization: { credentials: ${masterKey} }
    static_configs: [{ targets: ['127.0.0.1:${port}'] }]
`
