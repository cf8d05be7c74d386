import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { firstMoment, type TestApp, testApp } from './support/app.ts'

const csv = 'text/csv'
const ndjson = 'application/x-ndjson'
const at = (ms: number) => new Date(firstMoment + ms).toISOString()
const start = at(0)
const batch = 'june'

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>

beforeEach(async () => {
  app = await testApp()
  shop = await app.keyFor('shop')
})
afterEach(() => app.close())

/** How the list shows an item, as one that nobody has unless told. */
const listed = (item: string, rest: Record<string, unknown> = {}) => ({
  ...{ item, requestor: null, slot: null, data: null, matchedAt: null, heldUntil: null },
  ...{ expiresAt: null, createdAt: start, batch, status: 'available', ...rest },
})
const rowsOf = async (key = shop) => (await key.list()).body.items as unknown[]
const exported = async (accept: string, query = '') =>
  (await shop.call<string>('GET', `/namespaces/shop/items${query}`, undefined, { accept })).body

describe('an import reads', () => {
  test.each([
    [csv, `Code;expires at;x\nA;2030-06-01T12:00:00+02:00;1\nB;;2\nC;2029-12-31 23:59Z;3\n`],
    [
      ndjson,
      '{"item":"A","expiresAt":"2030-06-01T12:00:00+0200"}\n"B"\n{"item":"C","expiresAt":"2029-12-31T23:59:00.000Z"}',
    ],
  ])('when items expire, those of the past too: %s', async (type, file) => {
    const { body } = await shop.import(file, type, `?batch=${batch}`)
    expect(body).toMatchObject({ batch, received: 3, added: 3, expired: 1, invalid: 0 })
    expect(body.read.ignored).toEqual(type === csv ? ['x'] : [])
    expect(await rowsOf()).toEqual([
      listed('A', { expiresAt: '2030-06-01T10:00:00.000Z' }),
      listed('B'),
      listed('C', { expiresAt: '2029-12-31T23:59:00.000Z', status: 'expired' }),
    ])
    expect((await shop.import(file, type)).body).toMatchObject({ unchanged: 3, expired: 0 })
  })

  test.each([
    '2030-02-30T00:00:00Z',
    '31.12.2030',
    '2030-12-31',
    '2030-12-31T00:00:00',
    '1893456000',
    '1960-01-01T00:00:00Z',
    '2030-01-01T24:00:00Z',
    'never',
  ])('no expiry that is unclear, and says in which line: %s', async (expiresAt) => {
    const line = expect.stringMatching(
      /^has a bad expiresAt: it must be a date and time that exist/,
    )
    const files = {
      [csv]: `item,expiresAt\nA,${expiresAt}\nB,\n`,
      [ndjson]: `{"item":"x"}\n{"item":"A","expiresAt":"${expiresAt}"}`,
    }
    for (const [type, file] of Object.entries(files)) {
      const { body } = await shop.import(file, type)
      expect(body).toMatchObject({ added: 1, invalid: 1, errors: [{ line: 2, detail: line }] })
    }
    expect(
      (await shop.import('{"item":"A","expiresAt":1893456000000}\n"C"', ndjson)).body.errors,
    ).toEqual([{ line: 1, detail: 'has a bad expiresAt: it must be a string' }])
  })

  test('columns as data where they are named, in the order and by the names of the caller', async () => {
    const file = 'PIN;Code;Face value;URL\n 0012;A;10,00;https://x/?a=1&b=2\n;B;;\n"""1""";C;;u\n'
    const { body } = await shop.import(file, csv, `?data=url,pin&column=code&batch=${batch}`)
    expect(body.read).toMatchObject({ column: 2, ignored: ['Face value'] })
    expect(await rowsOf()).toEqual([
      listed('A', { data: { url: 'https://x/?a=1&b=2', pin: '0012' } }),
      listed('B'),
      listed('C', { data: { url: 'u', pin: '"1"' } }),
    ])
    expect(await exported(ndjson, '?item=A')).toContain(
      '"data":{"url":"https://x/?a=1&b=2","pin":"0012"}',
    )
  })

  test('properties as data where they are named, as they were sent', async () => {
    const file =
      '{"item":"A","pin":1.0,"x":{"2":1, "1":2}}\n{"item":"B","pin":null}\n{"item":"C","y":1}\n"D"\n'
    const { body } = await shop.import(file, ndjson, '?data=x,pin')
    expect(body).toMatchObject({ added: 3, errors: [{ line: 3, detail: expect.any(String) }] })
    expect(await exported(ndjson, '?item=A')).toContain('"data":{"x":{"2":1,"1":2},"pin":1.0}')
    expect(await exported(ndjson, '?item=B')).toContain('"data":null')
  })

  test('no data that is none, or too long', async () => {
    const detail = expect.stringContaining(
      'has bad data: it must be a JSON object of at most 4096 bytes',
    )
    for (const bad of [
      '[1]',
      '"{}"',
      '1',
      `{"a":"${'x'.repeat(4_089)}"}`,
      '{"a":"\\u0000"}',
      '{"\\ud800":1}',
    ]) {
      const { body } = await shop.import(`"A"\n{"item":"B","data":${bad}}`, ndjson)
      expect(body.errors).toEqual([{ line: 2, detail }])
    }
    const { body } = await shop.import(`item,pin\nA,1\nB,${'x'.repeat(4_096)}\n`, csv, '?data=pin')
    expect(body.errors).toEqual([{ line: 3, detail }])
  })

  test('a label for what comes in, and makes one that no other import has', async () => {
    const first = (await shop.import('A\n')).body.batch
    const second = (await shop.import('B\n')).body.batch
    expect([first, second]).toEqual([
      expect.stringMatching(/^import-20300101T000000Z-[\w-]{1,8}$/),
      expect.not.stringMatching(String(first)),
    ])
    await shop.import('C\n\t\nD\n\t\n', 'text/plain', '?batch=mine')
    await shop.import('E\n', 'text/plain', '?batch=mine')
    expect((await shop.list('?batch=mine')).body.items.map(({ item }) => item)).toEqual([
      'C',
      'D',
      'E',
    ])
    const path = '/namespaces/shop/batches/mine'
    expect((await shop.call('GET', path)).body).toMatchObject({
      batch: 'mine',
      received: 5,
      available: 3,
    })
    expect((await shop.import(' \n', 'text/plain', '?batch=unused')).status).toBe(422)
    expect((await shop.call('GET', '/namespaces/shop/batches/unused')).status).toBe(404)
    const dry = await shop.import('F\n', 'text/plain', '?batch=dry&dryRun=true')
    expect(dry.body.batch).toBe('dry')
    expect((await shop.call('GET', '/namespaces/shop/batches/dry')).status).toBe(404)
  })

  test.each([
    ['?data=pin', csv, 'item,x\nA,1', 'data'],
    ['?data=item', csv, 'item,x\nA,1', 'data'],
    ['?data=x,', csv, 'item,x\nA,1', 'data'],
    ['?data=x,x', csv, 'item,x\nA,1', 'data'],
    ['?data=x', csv, 'item,x,X\nA,1,2', 'data'],
    ['?data=expiresAt', csv, 'item,expiresAt\nA,', 'data'],
    ['?data=x&column=1&header=false', csv, 'item,x\nA,1', 'data'],
    ['?data=item', ndjson, '"A"', 'data'],
    ['?data=x', 'text/plain', 'A', 'data'],
    ['?matches=keep', 'text/plain', 'A', 'matches'],
    ['?matches=drop', 'text/plain', 'A', 'matches'],
    ['?batch=a%20b', 'text/plain', 'A', 'batch'],
    ['?matches=keep&column=1&header=false', csv, 'item,requestor\nA,u', 'header'],
  ])('nothing where %s of %s does not fit', async (query, type, file, parameter) => {
    const { status, body } = await shop.import(file, type, query)
    expect([status, body]).toMatchObject([422, { errors: [{ pointer: `#/${parameter}` }] }])
    expect(await rowsOf()).toEqual([])
  })

  test('nothing of a file with two columns for one thing', async () => {
    const { status, body } = await shop.import('item,expiresAt,Expires at\nA,,\n', csv)
    expect([status, JSON.stringify(body)]).toEqual([
      422,
      expect.stringContaining('several columns for expiresAt'),
    ])
  })
})

describe('matches=keep', () => {
  /** A namespace with an item of each kind. */
  async function fill() {
    const data = { '2': 1, '1': '=1' }
    await shop.patch({
      add: [{ item: 'A', data }, 'B', 'C', '=D', { item: 'E', expiresAt: at(1_000) }, 'F'],
      batch,
    })
    app.advance(5)
    await shop.match('=u')
    await shop.call('POST', '/namespaces/shop/match', { requestor: '=u', slot: '-s' })
    await shop.match(' v ')
    await shop.call('POST', '/namespaces/shop/match', { requestor: 'h', holdSeconds: 60 })
    app.advance(1_000)
  }

  test.each([csv, ndjson])('brings an export along as it is: %s', async (type) => {
    await app.master('PATCH', '/admin/namespaces/shop', { itemsPerRequestor: 2 })
    await fill()
    const file = await exported(type)
    const copy = await app.keyFor('copy')
    const dry = await copy.import(file, type, '?matches=keep&dryRun=true')
    expect(await rowsOf(copy)).toEqual([])
    const { body } = await copy.import(file, type, '?matches=keep')
    expect(body).toMatchObject({
      received: 6,
      added: 2,
      matched: 4,
      invalid: 0,
      expired: 1,
      mended: 0,
    })
    expect(body.message).toBe('Added 2 items, Matched 4 items')
    expect(body.read.ignored).toEqual(['status'])
    expect(dry.body).toMatchObject({ added: 2, matched: 4, expired: 1 })
    expect(await rowsOf(copy)).toEqual(await rowsOf())
    expect(
      (await copy.call<string>('GET', '/namespaces/copy/items', undefined, { accept: type })).body,
    ).toBe(file)
    expect((await copy.match('=u')).body).toMatchObject({ item: 'A', alreadyMatched: true })
    expect((await copy.import(file, type, '?matches=keep')).body).toMatchObject({
      unchanged: 6,
      matched: 0,
    })
  })

  test('binds what is here and available, and leaves who has another item as it is', async () => {
    await shop.patch({ add: ['A', 'B', 'C', 'D'] })
    await shop.match('u')
    await shop.match('v')
    const file = [
      ...[
        'item,requestor,matchedAt',
        `A,w,${start}`,
        `B,v,${start}`,
        `C,w,${start}`,
        `D,u,${start}`,
      ],
      ...[`X,u,${start}`, `Z,forgotten:1,${start}`, `Z,x,${start}`, `Q,,`],
    ].join('\n')
    const detail = 'its requestor has another item here, or somebody else has this one'
    const { body } = await shop.import(file, csv, '?matches=keep')
    expect(body).toMatchObject({ received: 8, added: 1, matched: 2, unchanged: 1, invalid: 4 })
    expect(body.errors).toEqual([2, 5, 6, 8].map((line) => ({ line, detail })))
    const { items } = (await shop.list()).body
    expect(items.map(({ item, requestor }) => [item, requestor])).toEqual([
      ...[
        ['A', 'u'],
        ['B', 'v'],
        ['C', 'w'],
        ['D', null],
        ['Z', 'forgotten:1'],
        ['Q', null],
      ],
    ])
  })

  test('takes off what stands unseen around the cells of a table, and nothing inside them', async () => {
    const file = [
      ...['code;requestor ;slot;expiresAt', 'A; ann@example.com ; s;'],
      ...['B;\u200b\u00a0Ann Lee\ufeff;; 2031-01-01T00:00:00Z ', 'C;a\u200bb;;', 'D; \u200b;;'],
      'E;a\u0007b;;',
    ].join('\n')
    const { body } = await shop.import(file, csv, '?matches=keep&batch=june')
    expect(body).toMatchObject({
      ...{ received: 5, matched: 3, added: 1, mended: 2 },
      errors: [{ line: 6, detail: expect.stringMatching(/^has a bad requestor/) }],
    })
    const matched = { matchedAt: start, status: 'matched' }
    expect(await rowsOf()).toEqual([
      listed('A', { requestor: 'ann@example.com', slot: 's', ...matched }),
      listed('B', { requestor: 'Ann Lee', expiresAt: '2031-01-01T00:00:00.000Z', ...matched }),
      listed('C', { requestor: 'a\u200bb', ...matched }),
      listed('D'),
    ])
  })

  test.each([csv, ndjson])(
    'labels all that comes in where the caller says how: %s',
    async (type) => {
      await shop.patch({ add: ['A'], batch: 'old' })
      await shop.patch({ add: ['B'] })
      const file = await exported(type)
      const [one, two] = [await app.keyFor('one'), await app.keyFor('two')]
      const { body } = await one.import(file, type, '?matches=keep&batch=moved')
      expect(body.read.ignored).toEqual(['batch', 'status'])
      expect(await rowsOf(one)).toEqual([
        listed('A', { batch: 'moved' }),
        listed('B', { batch: 'moved' }),
      ])
      expect((await two.import(file, type, '?matches=keep')).body.read.ignored).toEqual(['status'])
      expect(await rowsOf(two)).toEqual([
        listed('A', { batch: 'old' }),
        listed('B', { batch: null }),
      ])
      const labels = async (key: typeof shop) =>
        (
          await key.call<{ batches: { batch: string }[] }>('GET', `${key.path}/batches`)
        ).body.batches.map((each) => each.batch)
      expect(await labels(one)).toEqual(['moved'])
    },
  )

  test('leaves no label behind where nothing can be used, and counts the lines once something can', async () => {
    await shop.patch({ add: ['A', 'B'] })
    await shop.match('u')
    const labels = async () =>
      (await shop.call<{ batches: object[] }>('GET', `${shop.path}/batches`)).body.batches
    const unusable = 'item,requestor,batch\nX,u,old\nA,v,old\n'
    for (const query of ['?matches=keep', '?matches=keep&batch=mine']) {
      expect((await shop.import(unusable, csv, query)).status).toBe(422)
      expect(await labels()).toEqual([])
    }
    // A requestor that comes again is in a write of its own.
    const usable = `${unusable}Y,u,old\nC,w,new\n`
    const { status, body } = await shop.import(usable, csv, '?matches=keep')
    expect([status, body]).toMatchObject([200, { received: 4, matched: 1, invalid: 3 }])
    const by = { keyId: shop.id }
    expect(await labels()).toEqual([
      { batch: 'new', at: start, by, received: 0 },
      { batch: 'old', at: start, by, received: 0 },
      { batch: String(body.batch), at: start, by, received: 4 },
    ])
  })

  test.each([
    ['exact', { matched: 1, unchanged: 0, errors: [{ line: 3 }] }],
    ['folded', { matched: 1, unchanged: 1, errors: [] }],
  ])('has one item for two who differ in case, where they are %s', async (requestors, told) => {
    const pool = await app.keyFor('pool', { scopes: ['read', 'write', 'manage'] })
    await pool.call('PATCH', pool.path, { requestors })
    const { body } = await pool.import('item,requestor\nA,bob\nA,BOB\n', csv, '?matches=keep')
    expect(body).toMatchObject(told)
    expect(await rowsOf(pool)).toMatchObject([{ item: 'A', requestor: 'bob' }])
  })

  test.each([
    ['exact', [4, 5, 8]],
    ['folded', [4, 5, 8, 9]],
  ])(
    'tells in a dry run what fails by lines before, where requestors are %s',
    async (requestors, lines) => {
      await app.master('PATCH', '/admin/namespaces/shop', { requestors })
      const file = 'code,requestor\nA,ann\nA,ann\nA,bob\nB,ann\nC,\nC,carl\nD,carl\nE,Ann\n'
      const dry = await shop.import(file, csv, `?matches=keep&batch=${batch}&dryRun=true`)
      expect(dry.body.errors.map(({ line }) => line)).toEqual(lines)
      const done = await shop.import(file, csv, `?matches=keep&batch=${batch}`)
      const { items, ...told } = dry.body
      const message = `Dry run, nothing was changed: ${done.body.message}`
      expect(told).toEqual({ ...done.body, message })
    },
  )

  test('brings no removed item back for somebody to whom an earlier line brings another one back', async () => {
    await shop.patch({ add: ['A', 'B'] })
    await shop.patch({ remove: ['B'] })
    await shop.match('bob')
    await shop.patch({ remove: ['A'] })
    const { body } = await shop.import('item,requestor\nA,\nB,bob\nC,\n', csv, '?matches=keep')
    expect(body).toMatchObject({ added: 1, restored: 1, matched: 0, errors: [{ line: 3 }] })
    expect(await rowsOf()).toMatchObject([
      { item: 'A', requestor: 'bob' },
      { item: 'C', requestor: null },
    ])
  })

  test('takes the time of the import for a match that says none, and nobody for an empty cell', async () => {
    await shop.import('code,requestor\nA,u\nB,\n', csv, '?matches=keep&batch=june')
    expect(await rowsOf()).toEqual([
      listed('A', { requestor: 'u', matchedAt: start, status: 'matched' }),
      listed('B'),
    ])
  })

  test.each([
    ['A,,s,', 'has what only a match has, but no requestor'],
    [`A,,,${start}`, 'has what only a match has, but no requestor'],
    ['A,u,a b,', expect.stringMatching(/^has a bad slot/)],
    ['A,u,,2030-02-30T00:00:00Z', expect.stringMatching(/^has a bad matchedAt/)],
    [`A,${'u'.repeat(256)},,`, expect.stringMatching(/^has a bad requestor/)],
    ['A', 'has no cell for the requestor'],
    ['A,u,,,x', 'has more cells than the first line'],
  ])('skips the line %s, and says why', async (line, detail) => {
    const { body } = await shop.import(
      `item,requestor,slot,matchedAt\n${line}\nB,,,\n`,
      csv,
      '?matches=keep',
    )
    expect(body).toMatchObject({ added: 1, matched: 0, invalid: 1, errors: [{ line: 2, detail }] })
  })
})

test('matches=drop adds the items of an export as available, with their data and expiry', async () => {
  await shop.patch({ add: [{ item: 'A', data: { a: 1 }, expiresAt: at(9_000) }, 'B'] })
  await shop.match('u')
  for (const [type, name] of [
    [csv, 'one'],
    [ndjson, 'two'],
  ] as const) {
    const copy = await app.keyFor(name)
    const { body } = await copy.import(await exported(type), type, `?matches=drop&batch=${batch}`)
    expect(body).toMatchObject({ added: 2, matched: 0 })
    expect(await rowsOf(copy)).toEqual([
      listed('A', { data: { a: 1 }, expiresAt: at(9_000) }),
      listed('B'),
    ])
  }
})

test('a requestor within the data of an item, or deeper, says nothing of who has it', async () => {
  const lines = [
    '{"item":"A","data":{"requestor":"u","batch":"b"}}',
    '{"item":"B","data":{"x":[{"requestor": "u"}]}}',
    '{"item":"C\\"requestor\\":","expiresAt":null}',
  ]
  const late = Array.from({ length: 3_000 }, (_, n) => `{"item":"item-${n}"}`)
  const { body } = await shop.import([...lines, ...late, ...lines].join('\n'), ndjson)
  expect(body).toMatchObject({ added: 3_003, unchanged: 3, invalid: 0, read: { ignored: [] } })
  const { status } = await shop.import('{"item":"D","request\\u006fr":"u"}', ndjson)
  expect(status).toBe(422)
})

test('requestors that turn up late stop the import, and it is told what came in and as which batch', async () => {
  const rows = Array.from({ length: 20_000 }, (_, n) => `{"item":"item-${n}"}`)
  const { status, body } = await shop.import(
    `${rows.join('\n')}\n{"item":"Z","requestor":"u"}`,
    ndjson,
  )
  const { errors } = body as unknown as { errors: { pointer: string; detail: string }[] }
  const told =
    / with (\d+) added and 0 restored of the (\d+) before it that were used, as batch (\S+)$/
  const [, added, received, label] = told.exec(errors[0]?.detail ?? '') ?? []
  expect([status, errors[0]?.pointer, received]).toEqual([422, '#/matches', added])
  const found = await shop.call('GET', `/namespaces/shop/batches/${label}`)
  expect(found.body).toMatchObject({
    batch: label,
    received: Number(received),
    available: Number(added),
  })
})
