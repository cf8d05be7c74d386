import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { ZaasError } from '../../src/domain/errors.ts'
import { CheckedList, RefusedBody } from '../../src/http/bodies/stand-ins.ts'
import { JsonWorker } from '../../src/http/json-worker/client.ts'
import { tempFolder } from '../support/folder.ts'

const now = Date.parse('2030-01-01T00:00:00.000Z')
const clock = () => new Date(now)
const bytesOf = (text: string) => [new TextEncoder().encode(text).buffer]

/** What reading came to; `rejects` would wait without a turn of the event loop, and so for ever. */
async function outcomeOf(reading: Promise<unknown>): Promise<unknown> {
  const body = await reading.catch((error) => error)
  if (body instanceof ZaasError) return [body.code, body.message]
  return body instanceof RefusedBody ? body.errors : body
}

const list = (json: string, count: number, unclean: string[] = []) =>
  new CheckedList({ json, count }, unclean)
const changes = (json: string) =>
  outcomeOf(new JsonWorker(clock).read('itemChanges', bytesOf(json)))

test('lists come as text, each value once, and the rest as it is', async () => {
  const worker = new JsonWorker(clock)
  expect(
    await worker.read('itemChanges', bytesOf('{"add":["A","\\u0042","A"],"remove":[]}')),
  ).toEqual({
    add: list('["A","B"]', 2),
    remove: list('[]', 0),
  })
  const replacement = '{"items":["A"],"removeMatched":true}'
  expect(await worker.read('itemReplacement', bytesOf(replacement))).toEqual({
    items: list('["A"]', 1),
    removeMatched: true,
  })
  const key = { namespace: 'n', scopes: ['match'] }
  expect(await worker.read('newKey', bytesOf(JSON.stringify(key)))).toEqual(key)
})

test('new items that break their rule are told apart, by their places in the list as it was sent', async () => {
  const json = '{"add":["A","A"," B","C\\u200b"],"remove":[" D"],"release":null}'
  expect(await changes(json)).toEqual({
    add: list('["A"," B","C\u200b"]', 3, [
      '[{"place":2,"item":" B"},{"place":3,"item":"C\u200b"}]',
    ]),
    remove: list('[" D"]', 1),
  })
})

test('lists of objects are text of what the store takes, each item once', async () => {
  const json = `{"add":[{"item":"A","data":{"2":1.0, "1":"\\u0022"},"expiresAt":"2030-01-01T00:00:00.001Z"},
    "B",{"item":"B"},{"item":"C ","data":null,"expiresAt":null}],
    "release":["D",{"item":"E","requestor":"r"},{"item":"E","requestor":"r"}],
    "set":[{"item":"F","data":{ },"expiresAt":"never"},{"item":"G","data":{"a":1}}],
    "note":"because","batch":null}`
  expect(await changes(json)).toEqual({
    add: list(
      JSON.stringify([
        { item: 'A', data: '{"2":1.0,"1":"\\u0022"}', expiresAt: now + 1 },
        'B',
        { item: 'C ' },
      ]),
      3,
      ['[{"place":3,"item":"C "}]'],
    ),
    release: list('["D",{"item":"E","requestor":"r"}]', 2),
    set: list('[{"item":"F","data":null,"expiresAt":null},{"item":"G","data":"{\\"a\\":1}"}]', 2),
    note: 'because',
  })
})

const anObject = 'an object with no other properties than item, data, expiresAt'
const aDate = 'must be a date and time that exist'
test.each([
  ['"add":[{"item":"A","data":[1]}]', '#/add/0/data', expect.stringContaining('a JSON object of')],
  ['"set":[{"item":"A","data":"{}"}]', '#/set/0/data', expect.stringContaining('a JSON object of')],
  ['"add":[{"item":"A","date":1}]', '#/add/0', `must be ${anObject}`],
  ['"add":["A",{"data":{}}]', '#/add/1/item', 'is required'],
  ['"add":[1]', '#/add/0', expect.stringMatching(/^must be a string: /)],
  ['"set":["A"]', '#/set/0', `must be ${anObject}`],
  ['"add":[{"item":"A","expiresAt":"never"}]', '#/add/0/expiresAt', expect.stringContaining('UTC')],
  ['"add":[{"item":"A","expiresAt":"2031-02-29T00:00:00Z"}]', '#/add/0/expiresAt', aDate],
  [
    '"set":[{"item":"A","expiresAt":"2030-01-01T00:00:00Z"}]',
    '#/set/0/expiresAt',
    'must be in the future',
  ],
  ['"release":[{"item":"A","requestor":null}]', '#/release/0/requestor', expect.any(String)],
  ['"release":[{"item":"A"}]', '#/release/0/requestor', 'is required'],
  ['"add":["A"],"set":[{"item":"A"}]', '#/set/0', 'is in two of the lists'],
])('of {%s} it is said what is wrong, and where', async (json, pointer, detail) => {
  expect(await changes(`{${json}}`)).toEqual([{ pointer, detail }])
})

const tooMany = [{ pointer: '#', detail: 'must have at most 2000000 values' }]
const tooLong = (name: string) => [
  { pointer: `#/${name}`, detail: 'must be a list of at most 100000 items' },
]
const fill = (value: string, count: number) => Array(count).fill(value).join(',')

test.each([
  ['{', ['malformed_body', 'The body is not JSON in UTF-8.']],
  ['{"add":[],"add":[]}', ['malformed_body', 'The body has an object with a repeated name.']],
  ['['.repeat(40), ['malformed_body', 'The body nests deeper than 32 levels.']],
  ['[]', [{ pointer: '#', detail: expect.any(String) }]],
  [
    '{"add":["A"],"remove":["B","A"]}',
    [{ pointer: '#/remove/1', detail: 'is in two of the lists' }],
  ],
  ['{"add":["A",""]}', [{ pointer: '#/add/1', detail: expect.any(String) }]],
] as const)('of %p it is said what is wrong', async (json, outcome) => {
  expect(await changes(json)).toEqual(outcome)
})

test.each([
  ['2,000,000 values', `{"add":[${fill('1', 1_999_998)}]}`, tooLong('add')],
  ['2,000,001 values', `{"add":[${fill('1', 1_999_999)}]}`, tooMany],
  ['1,000,000 empty lists', `{"add":[${fill('[]', 1_000_000)}]}`, tooMany],
  ['a list too long by one', `{"remove":[${fill('"A"', 100_001)}]}`, tooLong('remove')],
  [
    'two lists too long',
    `{"add":[${fill('"]"', 150_000)}],"release":[${fill('1', 150_000)}]}`,
    tooLong('add'),
  ],
  [
    'a long list in a list',
    `{"add":["A",[${fill('"\\\\",2', 80_000)}]]}`,
    [{ pointer: '#/add/1', detail: expect.any(String) }],
  ],
  ['too many values, and then no JSON', `{"add":[${fill('1', 2_000_000)}`, tooMany],
])('counts before it parses: %s', async (_, json, outcome) => {
  expect(await changes(json)).toEqual(outcome)
})

test('100,000 items are not cut short', async () => {
  const items = Array.from({ length: 100_000 }, (_, n) => `"${n}"`)
  expect(await changes(`{"add":[${items}]}`)).toEqual({ add: list(`[${items}]`, 100_000) })
})

test('a body that takes too long is a 503, and the next one is read by a new thread', async () => {
  const worker = new JsonWorker(clock, 1)
  const slow = `{"add":[${fill('1', 1_900_000)}]}`
  const [running, waiting] = [1, 2].map(() => outcomeOf(worker.read('itemChanges', bytesOf(slow))))
  const late = ['unavailable', 'Reading the body takes too long.']
  expect(await running).toEqual(late)
  expect(await waiting).toEqual(late)

  const patient = new JsonWorker(clock)
  expect(await patient.read('itemChanges', bytesOf('{}'))).toEqual({})
})

test('a thread that ends by itself fails its body alone', async () => {
  const folder = tempFolder()
  const script = join(folder.path, 'crashing.ts')
  // A thread that reads, but for a body of one byte, which kills it.
  await Bun.write(
    script,
    `self.onmessage = ({ data }) => {
       if (data.pieces[0].byteLength === 1) throw new Error('crash')
       self.postMessage(['{"kind":"valid","body":{},"lists":[]}'])
     }`,
  )
  const worker = new JsonWorker(clock, 5_000, script)
  const readings = ['{}', '{', '{}', '{', '{}'].map((json) =>
    outcomeOf(worker.read('itemChanges', bytesOf(json))),
  )
  const failed = ['unavailable', 'The body could not be read here; it has been logged.']

  expect(await Promise.all(readings)).toEqual([{}, failed, {}, failed, {}])
  folder.remove()
})
