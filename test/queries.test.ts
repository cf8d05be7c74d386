import { beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { masterKey } from './support/app.ts'
import { type Family, parseExposition, type Sample } from './support/exposition.ts'
import { withServers } from './support/instances.ts'
import { root } from './support/process.ts'
import {
  alertQueries,
  dashboardQueries,
  dashboardVariables,
  type Selector,
  selectorsOf,
} from './support/promql.ts'
import type { Server } from './support/server.ts'
import { answerOnce503 } from './support/unready.ts'

// What Prometheus adds to what it scrapes. `up` is its own.
const added = { job: 'zaas', instance: '127.0.0.1:32700' }
const nothing: Selector = { name: '', matchers: [] }
const up: Sample = { name: 'up', labels: {}, value: 1 }

let scrapes: [Sample[], Sample[]]
let families: Family[]

beforeAll(async () => {
  scrapes = await withServers(1, async ([server], path) => {
    if (!server) throw new Error('There is no server.')
    await makeTraffic(server, path, 'first')
    const first = await scrape(server)
    await makeTraffic(server, path, 'second')
    families = await scrape(server)
    return [samplesOf(first), samplesOf(families)]
  })
}, 30_000)

/** Every outcome of a match, and answers 200, 401, 404 and 503. */
async function makeTraffic(server: Server, path: string, name: string): Promise<void> {
  const shop = await server.keyFor('shop')
  await shop.patch({ add: [`${name}-A`] })
  for (const requestor of ['u1', 'u1', 'u2']) await shop.match(`${name}-${requestor}`)
  await fetch(`${server.origin}/no-such-route`)
  await server.as('shop', 'made-up').stats()
  await answerOnce503(server, path)
}

async function scrape({ origin }: Server): Promise<Family[]> {
  const headers = { authorization: `Bearer ${masterKey}` }
  const answer = await fetch(`${origin}/metrics`, { headers })
  return parseExposition(await answer.text())
}

const samplesOf = (scraped: Family[]) => scraped.flatMap(({ samples }) => samples)

/** The series of a scrape that a selector takes, as Prometheus would. */
function selected(samples: Sample[], { name, matchers }: Selector): Sample[] {
  return [...samples, up].filter(
    (sample) =>
      sample.name === name &&
      matchers.every(({ label, op, value }) => {
        const actual = { ...sample.labels, ...added }[label] ?? ''
        const equal = op.endsWith('~')
          ? new RegExp(`^(?:${value})$`).test(actual)
          : actual === value
        return op.startsWith('!') ? !equal : equal
      }),
  )
}

const idOf = ({ name, labels }: Sample) => JSON.stringify([name, labels])

const queries = [...dashboardQueries, ...alertQueries]
const grouped = queries.filter(({ expr }) => / by \(/.test(expr))

test.each(queries)('$name asks for series that a running zaas has: $expr', ({ expr }) => {
  const selectors = selectorsOf(expr)
  expect(selectors).not.toHaveLength(0)
  for (const selector of selectors) {
    const [first, second] = scrapes.map((samples) => selected(samples, selector).map(idOf))
    expect([selector, first?.length]).not.toEqual([selector, 0])
    expect(second).toEqual(expect.arrayContaining(first ?? []))
  }
})

test.each(grouped)('$name groups by labels that its series have: $expr', ({ expr }) => {
  const [, labels = ''] = / by \(([^)]*)\)/.exec(expr) ?? []
  const [selector = nothing] = selectorsOf(expr)
  for (const { labels: own } of selected(scrapes[0], selector)) {
    expect(Object.keys({ ...own, ...added })).toEqual(expect.arrayContaining(labels.split(', ')))
  }
})

test.each(dashboardVariables)('the variable of $label finds values', ({ metric, label }) => {
  const values = selected(scrapes[0], { name: metric, matchers: [] }).map(
    ({ labels }) => labels[label],
  )

  expect(values).toEqual(['shop'])
})

test.each(['rate(zaas_matches_total[5m]', 'sum by (zaas_matches_total)) > 1', 'a{b=}'])(
  'what is not PromQL is found: %s',
  (expr) => {
    expect(() => selectorsOf(expr)).toThrow()
  },
)

test('a selector of what is not there takes nothing', () => {
  const [selector] = selectorsOf('zaas_matches_total{outcome="lost"}')

  expect(selected(scrapes[0], selector ?? nothing)).toEqual([])
})

test('docs/operations.md has each metric with its labels, and each alert', async () => {
  const document = await Bun.file(join(root, 'docs/operations.md')).text()
  const quoted = (text: string) => Array.from(text.matchAll(/`(\w+)`/g), ([, word]) => String(word))
  const rows = Array.from(document.matchAll(/^\| (`.*?) \| (.*?) \|/gm)).map(
    ([, first, second]) => ({
      names: quoted(String(first)),
      labels: quoted(String(second)),
    }),
  )
  const known = families.map(({ name, samples }) => ({
    names: [name],
    labels: Object.keys(samples[0]?.labels ?? {}).filter((label) => label !== 'le'),
  }))
  const sorted = (list: { names: string[]; labels: string[] }[]) =>
    list.map(({ names, labels }) => `${names[0]}: ${labels.sort()}`).sort()

  expect(sorted(rows.filter(({ names }) => /^[a-z]/.test(names[0] ?? '')))).toEqual(sorted(known))
  expect(
    rows
      .flatMap(({ names }) => names)
      .filter((name) => name.startsWith('Zaas'))
      .sort(),
  ).toEqual(alertQueries.map(({ name }) => name).sort())
})
