import {
  type BatchOutcome,
  createAdmin,
  createClient,
  type ErrorCode,
  type Item,
  type MatchOutcome,
  type RefusalReason,
  type Stats,
  ZaasClientError,
} from '../../src/client/index.ts'

// Is never run: it fails to compile when the client's types allow what they must not, or the other way
// round. `bun run types` checks it against the source, `bun run test:client` against the package.

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never
const proves = <Proof extends true>(proof?: Proof) => proof

const zaas = createClient({ origin: 'http://localhost', apiKey: 'key', namespace: 'shop' })
const admin = createAdmin({ origin: 'http://localhost', masterApiKey: 'key' })
const { signal } = new AbortController()

/** What every user of the client is to be told, or spared, by the compiler. */
export async function types(): Promise<void> {
  const outcome = await zaas.match('u', { signal })
  // @ts-expect-error there may be none left
  outcome.item
  if (outcome.success) {
    proves<Same<typeof outcome.item, string>>()
    proves<Same<typeof outcome.alreadyMatched, boolean>>()
    proves<Same<typeof outcome.data, Record<string, unknown> | null>>()
    proves<Same<typeof outcome.heldUntil, string | undefined>>()
  } else {
    proves<Same<typeof outcome.reason, RefusalReason>>()
    // @ts-expect-error there is none
    outcome.item
  }
  proves<Same<MatchOutcome['success'], boolean>>()

  for await (const item of zaas.items({ status: 'matched' }, { signal })) {
    proves<Same<typeof item, Item>>()
    proves<Same<typeof item.requestor, string | null>>()
  }
  type Counts = Record<'total' | 'matched' | 'available' | 'held' | 'expired' | 'perDay', number>
  type Expected = Counts & { runsOutAt: string | null }
  proves<
    Same<{ [Name in keyof Stats]: Stats[Name] }, { [Name in keyof Expected]: Expected[Name] }>
  >()
  const { points } = await zaas.statsHistory({ step: 'day', from: '2030-01-01T00:00:00.000Z' })
  proves<Same<Pick<(typeof points)[number], 'at'>['at'], string>>()
  // @ts-expect-error there are no weeks
  zaas.statsHistory({ step: 'week' })
  await zaas.match('u', { slot: '2027-01', replace: 'A', holdSeconds: 60 })
  const [first] = await zaas.matchBatch(['u', { requestor: 'v', slot: 's' }])
  proves<Same<typeof first, BatchOutcome | undefined>>()
  const confirmed = await zaas.confirm({ requestor: 'u', item: 'A' })
  if (!confirmed.success) proves<Same<typeof confirmed.reason, 'hold_lapsed'>>()
  const { settings } = await zaas.changeSettings({ paused: true, opensAt: null })
  proves<Same<typeof settings.requestors, 'exact' | 'folded' | null>>()
  for await (const { batch } of zaas.batches()) proves<Same<typeof batch, string>>()
  proves<Same<Awaited<ReturnType<typeof zaas.removeBatch>>['kept'], number>>()
  await zaas.change({ set: [{ item: 'A', data: { pin: 1 }, expiresAt: 'never' }], note: 'n' })
  await zaas.change({ add: ['A'], release: undefined }, { idempotencyKey: 'one' })
  await zaas.import(new Blob(['A']), { type: 'text/csv', column: 2, header: true, dryRun: true })
  const { kept } = await zaas.replace(['A'], { removeMatched: true })
  proves<Same<typeof kept, number>>()
  const made = await admin.createKey({ namespace: 'shop', scopes: ['match'] })
  proves<Same<typeof made.expiresAt, string | null>>()
  proves<Same<Awaited<ReturnType<typeof admin.deleteKey>>, number>>()
  for await (const { namespace, total } of admin.namespaces({ signal })) {
    proves<Same<typeof namespace, string>>()
    proves<Same<typeof total, number>>()
  }

  // @ts-expect-error no such setting
  await zaas.changeSettings({ open: true })
  // @ts-expect-error an item is needed
  await zaas.confirm({ requestor: 'u' })
  // @ts-expect-error a requestor is text
  await zaas.match(1)
  // @ts-expect-error no such order
  zaas.items({ order: 'newest' })
  // @ts-expect-error no such status
  zaas.items({ status: 'gone' })
  // @ts-expect-error no such list
  await zaas.change({ claim: ['A'] })
  // @ts-expect-error no such type
  await zaas.import('A', { type: 'text/html' })
  // @ts-expect-error no such delimiter
  await zaas.import('A', { delimiter: ':' })
  // @ts-expect-error no such scope
  await admin.createKey({ namespace: 'shop', scopes: ['admin'] })
  // @ts-expect-error a key is for a namespace
  await admin.createKey({})
  // @ts-expect-error a client is of one namespace
  createClient({ origin: 'http://localhost', apiKey: 'key' })
}

/** Names every code, or does not compile. */
export function told(error: unknown): string {
  if (!(error instanceof ZaasClientError)) return 'a bug'
  proves<Same<typeof error.status, number | undefined>>()
  // @ts-expect-error no such code
  if (error.code === 'gone') return 'never'
  const meanings: Record<ErrorCode, string> = {
    unauthenticated: 'no valid key',
    forbidden: 'a key of another namespace',
    insufficient_scope: 'a key without this scope',
    not_found: 'not there',
    method_not_allowed: 'another method',
    malformed_body: 'not JSON',
    unsupported_media_type: 'another type',
    body_too_large: 'too large',
    invalid: error.errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join(),
    conflict: 'there already',
    unavailable: `come back in ${error.retryAfterMs} ms`,
    internal: `see the log for ${error.requestId}`,
    timeout: 'no answer in time',
    unreachable: 'no answer',
    unexpected: 'an answer from somewhere else',
  }
  return meanings[error.code]
}
