import { expect } from 'bun:test'
import type { TestApp } from './app.ts'
import type { ListAnswer, MatchAnswer } from './caller.ts'
import type { Filter, Line, Model, NewItem } from './model.ts'
import { type Settings, stepMs, time } from './model-pool.ts'
import type { Asking, Call, ItemPlan, LinePlan, SetPlan } from './model-steps.ts'

export type Real = Awaited<ReturnType<TestApp['keyFor']>>
export type Both = { real: Real; model: Model; given: Given; now: number }
type Of<Do extends Call['do']> = Extract<Call, { do: Do }>

/** Makes a call in both, and holds the answer of the one against that of the other. */
export async function take(call: Exclude<Call, { do: 'sweep' }>, both: Both): Promise<void> {
  switch (call.do) {
    case 'match':
      return match(call, both)
    case 'match/batch':
      return matchBatch(call, both)
    case 'confirm':
      return confirm(call, both)
    case 'patch':
      return patch(call, both)
    case 'put':
      return put(call, both)
    case 'import':
      return upload(call, both)
    case 'settings':
      return change(call, both)
    case 'take back':
      return takeBack(call, both)
    case 'list':
      return list(call, both)
  }
}

async function match({ do: _, ...plan }: Of<'match'>, { real, model, given, now }: Both) {
  const { replaceOwn, ...ask } = plan
  if (replaceOwn) ask.replace = ownItem(ask, model, now) ?? 'A1'
  const { requestor, ...options } = ask
  const { status, body } = await real.match(requestor, options)
  expect({ status, body }).toEqual({ status: 200, body: model.match(ask, now) })
  given.to(model.keyOf(requestor), body, now)
}

async function matchBatch({ asking }: Of<'match/batch'>, { real, model, given, now }: Both) {
  const path = `${real.path}/match/batch`
  const { status, body } = await real.call<{ results: MatchAnswer[] }>('POST', path, {
    requestors: asking,
  })
  const asked = asking.map((each) => (typeof each === 'string' ? { requestor: each } : each))
  const results = asked.map((ask) => {
    const { requestor, slot = null } = ask
    return { requestor, slot, ...model.match(ask, now) }
  })
  expect({ status, body }).toEqual({ status: 200, body: { results } })
  for (const [n, { requestor }] of asked.entries()) {
    const answer = body.results[n]
    if (answer) given.to(model.keyOf(requestor), answer, now)
  }
}

async function confirm({ do: _, ...plan }: Of<'confirm'>, { real, model, given, now }: Both) {
  const { requestor, slot } = plan
  const { item = given.lastOf(model.keyOf(requestor)) ?? 'A1' } = plan
  const { status, body } = await real.confirm(requestor, item, slot)
  expect({ status, body }).toEqual({ status: 200, body: model.confirm({ ...plan, item }, now) })
  given.to(model.keyOf(requestor), body, now)
}

async function patch({ do: _, twice, ...plan }: Of<'patch'>, { real, model, given, now }: Both) {
  const add = plan.add.map((each) => newItem(each, now))
  const set = plan.set.map((each) => ({ ...each, ...setItem(each, now) }))
  const lists = { ...plan, add, set: set.map(({ expiresIn: _in, ...each }) => each) }
  const { status, body } = await send(real, 'PATCH', lists, twice)
  const told = model.patch(lists, now)
  if (told === 'invalid') {
    expect({ status, code: body['code'] }).toEqual({ status: 422, code: 'invalid' })
  } else {
    expect({ status, body }).toEqual({ status: 200, body: { ...told } })
    given.takeBack(plan.release.map((each) => (typeof each === 'string' ? each : each.item)))
  }
}

async function put({ do: _, twice, ...plan }: Of<'put'>, { real, model, now }: Both) {
  const stock = { ...plan, items: plan.items.map((each) => newItem(each, now)) }
  const { status, body } = await send(real, 'PUT', stock, twice)
  const told = model.put(stock, now)
  if (told === 'invalid') {
    expect({ status, code: body['code'] }).toEqual({ status: 422, code: 'invalid' })
  } else expect({ status, body }).toEqual({ status: 200, body: { ...told } })
}

/** A change that is sent twice with the same key is made once. */
async function send(real: Real, method: string, body: object, twice = false) {
  const headers = twice ? { 'idempotency-key': crypto.randomUUID() } : undefined
  const call = () => real.call<Record<string, unknown>>(method, `${real.path}/items`, body, headers)
  const answer = await call()
  if (answer.status === 200 && twice && !('dryRun' in body && body.dryRun)) {
    expect((await call()).body).toEqual(answer.body)
  }
  return answer
}

async function upload({ do: _, ...plan }: Of<'import'>, { real, model, now }: Both) {
  const { lines: plans, ...options } = plan
  const lines = (plan.dryRun ? withoutRepeats(plans) : plans).map((each) => lineOf(each, now))
  if (plan.matches === 'keep' && model.isAmbiguous(lines, now)) return
  const query = new URLSearchParams(
    Object.entries(options).map(([name, value]): [string, string] => [name, `${value}`]),
  )
  const text = lines.map((each) => `${JSON.stringify(each)}\n`).join('')
  const { status, body } = await real.import(text, 'application/x-ndjson', `?${query}`)
  const { batch = String(body.batch), ...others } = options
  const labelled = plan.batch !== undefined
  const told = model.import(lines, { ...others, batch, labelled }, now)
  if (told === 'invalid') {
    expect({ status, code: Object(body).code }).toEqual({ status: 422, code: 'invalid' })
  } else {
    const { message, received, added, restored, matched, unchanged, invalid } = body
    const { leftRemoved, expired, errors } = body
    expect({
      ...{ status, message, received, added, restored, matched, unchanged, invalid },
      ...{ leftRemoved, expired, errors: errors?.map((each) => each.line) },
    }).toEqual({ status: 200, ...told })
  }
}

async function change({ settings: plan }: Of<'settings'>, { real, model, now }: Both) {
  const { opensIn, closesIn, ...others } = plan
  const settings: Partial<Settings> = {
    ...others,
    ...(opensIn !== undefined && { opensAt: opensIn === null ? null : now + opensIn }),
    ...(closesIn !== undefined && { closesAt: closesIn === null ? null : now + closesIn }),
  }
  const { status, body } = await real.call('PATCH', real.path, settingsJson(settings))
  const refused = model.change(settings, now)
  const code = refused && Object(body).code
  const statuses = { invalid: 422, conflict: 409 }
  expect({ status, code }).toEqual({ status: refused ? statuses[refused] : 200, code: refused })
  if (!refused) expect(body).toEqual(stateOf(real, model, now))
}

async function takeBack({ batch }: Of<'take back'>, { real, model, now }: Both) {
  const { status, body } = await real.call('DELETE', `${real.path}/batches/${batch}`)
  const told = model.takeBack(batch, now)
  if (told) expect({ status, body }).toEqual({ status: 200, body: told })
  else expect(status).toBe(404)
}

async function list({ filter, limit, order }: Of<'list'>, { real, model, now }: Both) {
  const listed = model.list(filter, now)
  if (order === 'desc') listed.reverse()
  const pages = await listPaged(real, { ...filter, ...(order && { order }) }, limit)
  expect(pages).toEqual(pagesOf(listed, limit))
}

/** The whole state is as in the model: lists, counts, settings and batches. */
export async function compareAll({ real, model, now }: Both): Promise<void> {
  const all = await Promise.all([
    real.list(),
    real.list('?status=removed'),
    real.call('GET', real.path),
    real.call('GET', `${real.path}/batches`),
  ])
  expect(all.map(({ body }): unknown => body)).toEqual([
    { items: model.list({}, now), nextCursor: null },
    { items: model.list({ status: 'removed' }, now), nextCursor: null },
    stateOf(real, model, now),
    { batches: model.batches(), nextCursor: null },
  ])
  for (const { batch } of model.batches()) {
    const { body } = await real.call('GET', `${real.path}/batches/${batch}`)
    expect(body).toEqual(model.batch(batch, now))
  }
}

/** What each hour and day has brought is as in the model, and what was available after it. */
export async function compareStatsHistory({ real, model, now }: Both, from: number): Promise<void> {
  for (const step of ['hour', 'day'] as const) {
    const since = Math.max(from, now - 900 * stepMs[step])
    const query = new URLSearchParams({ step, from: time(since) })
    const { status, body } = await real.call('GET', `${real.path}/stats/history?${query}`)
    expect({ status, body }).toEqual({
      ...{ status: 200, body: { points: model.history(step, since, now) } },
    })
  }
}

const stateOf = ({ namespace }: Real, model: Model, now: number): unknown => ({
  namespace,
  settings: { description: null, lowStockBelow: null, ...settingsJson(model.settings()) },
  stats: model.stats(now),
})

/** What the requestor has in this slot. */
const ownItem = ({ requestor, slot }: Asking, model: Model, now: number) =>
  model.list({ requestor }, now).find((row) => row.slot === (slot ?? null))?.item

function newItem(plan: string | ItemPlan, now: number): NewItem {
  if (typeof plan === 'string') return plan
  const { expiresIn, ...rest } = plan
  return { ...rest, ...(expiresIn !== undefined && { expiresAt: time(now + expiresIn) }) }
}

const keyOf = ({ requestor }: Asking) => requestor.trim().toLowerCase()

/** A dry run may count repeats as added. */
const withoutRepeats = (plans: LinePlan[]) =>
  plans.filter((plan, n) => {
    const isSame = ({ item, holder }: LinePlan) =>
      item === plan.item || (holder && keyOf(holder) === (plan.holder && keyOf(plan.holder)))
    return !plans.slice(0, n).some(isSame)
  })

const setItem = ({ expiresIn }: SetPlan, now: number) =>
  expiresIn === undefined
    ? {}
    : { expiresAt: expiresIn === 'never' ? expiresIn : time(now + expiresIn) }

function lineOf({ item, holder, expiresIn, createdIn, batch, data }: LinePlan, now: number): Line {
  const at = <Name extends string>(name: Name, ms: number | undefined) =>
    ms === undefined ? {} : ({ [name]: time(now + ms) } as Record<Name, string>)
  return {
    item,
    ...(holder && { requestor: holder.requestor, ...(holder.slot && { slot: holder.slot }) }),
    ...at('matchedAt', holder?.matchedIn),
    ...at('heldUntil', holder?.heldIn),
    ...at('expiresAt', expiresIn),
    ...at('createdAt', createdIn),
    ...(batch !== undefined && { batch }),
    ...(data && { data }),
  }
}

function settingsJson({ opensAt, closesAt, ...others }: Partial<Settings>) {
  const orNull = (ms: number | null) => (ms === null ? null : time(ms))
  return {
    ...others,
    ...(opensAt !== undefined && { opensAt: orNull(opensAt) }),
    ...(closesAt !== undefined && { closesAt: orNull(closesAt) }),
  }
}

/** All pages of a list; without `limit` there is but one. */
async function listPaged(real: Real, filter: Filter & { order?: 'desc' }, limit?: number) {
  const pages: ListAnswer['items'][] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const given = Object.entries({ ...filter, limit, cursor }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] satisfies [string, string]],
    )
    const { status, body } = await real.list(`?${new URLSearchParams(given)}`)
    expect(status).toBe(200)
    pages.push(body.items)
    cursor = body.nextCursor
    expect(pages.length).toBeLessThan(10)
  }
  return pages
}

function pagesOf(listed: ListAnswer['items'], limit = listed.length): ListAnswer['items'][] {
  const pages = [listed.slice(0, limit)]
  for (let n = limit; n < listed.length; n += limit) pages.push(listed.slice(n, n + limit))
  return pages
}

/**
 * Who was given each item, by the answers alone: there is a second one only after a release, or after a hold that
 * lapsed unconfirmed.
 */
export class Given {
  readonly #holders = new Map<string, { key: string; heldUntil: string | undefined }>()
  readonly #last = new Map<string, string>()

  to(key: string, { item, heldUntil }: MatchAnswer, now: number): void {
    if (item === undefined) return
    const before = this.#holders.get(item)
    const lapsed = before?.heldUntil !== undefined && Date.parse(before.heldUntil) <= now
    expect({ item, key: lapsed ? key : (before?.key ?? key) }).toEqual({ item, key })
    this.#holders.set(item, { key, heldUntil })
    this.#last.set(key, item)
  }

  takeBack(released: readonly string[]): void {
    for (const item of released) this.#holders.delete(item)
  }

  lastOf(key: string): string | undefined {
    return this.#last.get(key)
  }
}
