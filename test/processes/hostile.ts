import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { full } from '../faults/form.ts'
import { tempFolder } from '../support/folder.ts'
import { root } from '../support/process.ts'
import { type Server, startServer } from '../support/server.ts'

/**
 * What the slowest answer to somebody else may take, in milliseconds in which the threads at both ends had a
 * processor: the first is what is promised; the second leaves room for what a busy machine does to caches
 * and locks, and fails for all that these requests took before.
 */
const worstMaxMs = full ? 100 : 200
/** In the long form they are sent again and again, so that what is left behind would pile up. */
const times = full ? 5 : 1
const memoryMaxBytes = 256 * 2 ** 20

const bodyBytes = 16 * 2 ** 20
/** A body of 16 MiB that is full of one value. */
const fullOf = (value: string) => {
  const [head, tail] = ['{"add":[', ']}']
  const count = Math.floor((bodyBytes - head.length - tail.length) / (value.length + 1))
  return `${head}${Array(count).fill(value).join(',')}${tail}`
}
const items = (count: number) => Array.from({ length: count }, (_, n) => `item-${n}`)
const invalidAt = (...pointers: string[]) => ({ status: 422, code: 'invalid', pointers })

type Key = Awaited<ReturnType<Server['keyFor']>>

const folder = tempFolder()
let server: Server
let shop: Key
let attic: Key

beforeAll(async () => {
  server = await startServer(`file:${join(folder.path, 'zaas.db')}`)
  shop = await server.keyFor('shop')
  attic = await server.keyFor('attic')
  await shop.patch({ add: items(1_000) })
})
afterAll(async () => {
  await server.stop()
  folder.remove()
})

type Answer = { status: number; code?: string; pointers?: string[] }

async function send(
  method: string,
  path: string,
  { body = null, type = 'application/json', key = shop }: Partial<Sent> = {},
): Promise<Answer> {
  const headers = { 'x-api-key': key.apiKey, 'content-type': type }
  const response = await fetch(server.origin + path, { method, headers, body })
  const text = await response.text()
  const { code, errors }: { code?: string; errors?: { pointer: string }[] } = JSON.parse(text)
  const pointers = errors?.map(({ pointer }) => pointer)
  return { status: response.status, ...(code && { code }), ...(pointers && { pointers }) }
}
type Sent = { body: string | null; type: string; key: Key }

const patch = (body: string, key = shop) =>
  send('PATCH', `/namespaces/${key === shop ? 'shop' : 'attic'}/items`, { body, key })

/** How long the slowest answer to somebody else took while `act` ran. */
async function worstMsDuring(act: () => Promise<unknown>): Promise<number> {
  const prober = Bun.spawn(
    [process.execPath, join(root, 'test/support/prober.ts'), server.origin, String(server.pid)],
    { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' },
  )
  const output = prober.stdout.getReader()
  const read = async () => new TextDecoder().decode((await output.read()).value)
  expect(await read()).toBe('ready\n')
  await act()
  await prober.stdin.end()
  const { ownMs, answers }: { ownMs: number; answers: number } = JSON.parse(await read())
  expect(answers).toBeGreaterThan(0)
  return ownMs
}

const requests: [name: string, answer: Answer, send: () => Promise<Answer>][] = [
  [
    '7,900 parameters of one name',
    invalidAt('#'),
    () => send('GET', `/namespaces/shop/items?${'a&'.repeat(7_900)}`),
  ],
  [
    'a content type of 14,000 spaces',
    { status: 415, code: 'unsupported_media_type' },
    () =>
      send('PATCH', '/namespaces/shop/items', {
        body: '{}',
        type: `application/json${' '.repeat(14_000)}x`,
      }),
  ],
  ['16 MiB of empty lists', invalidAt('#'), () => patch(fullOf('[]'))],
  [
    '100,000 items with one bad at the end',
    invalidAt('#/add/99999'),
    () => patch(JSON.stringify({ add: [...items(99_999), ''] })),
  ],
  [
    '16 MiB of one string',
    invalidAt('#/add/0'),
    () => patch(`{"add":["${'a'.repeat(bodyBytes - 20)}"]}`),
  ],
]

/**
 * Data of many names, each another one. Of a body of 6 MiB: one of 16 takes the JSON worker 3 s, and five times two of
 * them half a minute.
 */
const bodiesOfNames = 1_500
const dataOfNames = (n: number) =>
  `{"item":"${n}","data":{${Array.from({ length: 400 }, (_, m) => `"${(n * 400 + m).toString(36)}":1`)}}}`

const objects: typeof requests = [
  [
    '16 MiB of data that repeats its name',
    invalidAt('#'),
    () => patch(`{"add":[{${Array(1_500_000).fill('"data":{}').join(',')}}]}`),
  ],
  [
    '16 MiB of one data',
    invalidAt('#/add/0/data'),
    () => patch(`{"add":[{"item":"A","data":{"a":"${'a'.repeat(bodyBytes - 100)}"}}]}`),
  ],
  [
    '100,000 items as objects with one bad at the end',
    invalidAt('#/add/99999/expiresAt'),
    () => {
      const add = items(99_999).map((item) => ({ item, data: { item } }))
      return patch(
        JSON.stringify({ add: [...add, { item: 'last', expiresAt: '2020-01-01T00:00:00Z' }] }),
      )
    },
  ],
]
requests.push(...objects)

/** In the long form alone. */
const others: typeof requests = [
  [
    '7,900 parameters of one name, without a key',
    { status: 401, code: 'unauthenticated' },
    () => send('GET', `/admin/namespaces?${'a&'.repeat(7_900)}`),
  ],
  ['16 MiB of short strings', invalidAt('#'), () => patch(fullOf('"a"'))],
  ['16 MiB of numbers', invalidAt('#'), () => patch(fullOf('1'))],
  [
    '6 MiB of data of other names',
    invalidAt('#/set/0'),
    () => {
      const add = Array.from({ length: bodiesOfNames }, (_, n) => dataOfNames(n))
      return patch(`{"add":[${add}],"set":[{"item":"1"}]}`)
    },
  ],
  [
    '100,000 items in two lists',
    invalidAt('#/remove/0'),
    () => patch(JSON.stringify({ add: items(50_000), remove: items(50_000) })),
  ],
  [
    '100,000 items that are not there',
    { status: 200 },
    () => patch(JSON.stringify({ remove: items(100_000).map((item) => item.padEnd(150, '-')) })),
  ],
  [
    'a match with 16 MiB of white space',
    { status: 200 },
    () =>
      send('POST', '/namespaces/shop/match', {
        body: `{"requestor":"r"${' '.repeat(bodyBytes - 20)}}`,
      }),
  ],
]

test.each(full ? [...requests, ...others] : requests)(
  'nobody else waits for %s',
  async (name, answer, ask) => {
    const atOnce = /MiB|items/.test(name) ? 2 : 10
    const answers: Answer[] = []
    const worstMs = await worstMsDuring(async () => {
      for (let n = 0; n < times; n++) {
        answers.push(...(await Promise.all(Array.from({ length: atOnce }, ask))))
      }
    })

    expect(answers).toEqual(Array(times * atOnce).fill(answer))
    expect(worstMs).toBeLessThan(worstMaxMs)
  },
  120_000,
)

const full16MiB: [what: string, bodies: () => string[], answers: Answer[]][] = [
  [
    'of lists',
    () => [fullOf('[]'), fullOf('"ab"'), fullOf('"a"'), fullOf('{}')],
    Array(4).fill(invalidAt('#')),
  ],
  [
    'of data',
    () => [
      `{"add":["A",${Array.from({ length: bodiesOfNames }, (_, n) => dataOfNames(n))}],"set":[{"item":"A"}]}`,
      fullOf('{"data":{}}'),
      fullOf('[]'),
      `{"add":[{"item":"A","data":{"a":"${'a'.repeat(bodyBytes - 100)}"}}]}`,
    ],
    ['#/set/0', '#', '#', '#/add/0/data'].map((pointer) => invalidAt(pointer)),
  ],
]

test.each(full16MiB)(
  'four bodies of up to 16 MiB %s at once take at most 256 MiB',
  async (_, make, expected) => {
    const bodies = make()
    const status = () => readFileSync(`/proc/${server.pid}/status`, 'utf8')
    const bytesOf = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status())?.[1]) * 1_024
    // Resets the peak.
    writeFileSync(`/proc/${server.pid}/clear_refs`, '5')
    const idleBytes = bytesOf('VmRSS')
    const answers: Answer[] = []
    const worstMs = await worstMsDuring(async () => {
      for (let n = 0; n < times; n++) {
        const sent = bodies.map((body, each) => patch(body, each % 2 === 0 ? shop : attic))
        answers.push(...(await Promise.all(sent)))
      }
    })

    expect(answers).toEqual(Array(times).fill(expected).flat())
    expect(worstMs).toBeLessThan(worstMaxMs)
    expect(bytesOf('VmHWM') - idleBytes).toBeLessThan(memoryMaxBytes)
  },
  120_000,
)
