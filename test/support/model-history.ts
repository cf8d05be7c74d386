import { expect } from 'bun:test'
import type { EventAnswer } from './caller.ts'
import type { Both } from './model-calls.ts'
import { items, requestors } from './model-steps.ts'

/** What became of an item: who has it, or had it when it was removed. */
export type ItemState = {
  item: string
  removed: boolean
  requestor: string | null
  slot: string | null
  held: boolean
}

/**
 * The histories of all items and all requestors, replayed from the first event on, come to what the model says. Time
 * must have been swept up: a lapse is in the history once it was noticed. Returns the events of the items.
 */
export async function compareHistory({ real, model, now }: Both): Promise<EventAnswer[]> {
  const states = model.states(now)
  const seen: EventAnswer[] = []
  for (const item of items) {
    const events = await eventsOf(real, { item })
    seen.push(...events)
    const state = states.find((each) => each.item === item)
    expect(withoutUnnoticed(replay(item, events), state)).toEqual(state)
  }
  for (const requestor of requestors) {
    const events = await eventsOf(real, { requestor })
    const key = model.keyOf(requestor)
    const live = states.filter((each) => !each.removed && each.requestor !== null)
    const has = live.filter((each) => model.keyOf(each.requestor ?? '') === key)
    expect(liveOf(events)).toEqual(has.map(({ item, slot }) => `${item} ${slot}`).sort())
  }
  return seen
}

/** The first event first. */
async function eventsOf(
  { call, path }: Both['real'],
  subject: Record<string, string>,
): Promise<EventAnswer[]> {
  const query = new URLSearchParams({ ...subject, limit: '1000' })
  const { status, body } = await call<{ events: EventAnswer[] }>('GET', `${path}/history?${query}`)
  expect(status).toBe(200)
  return body.events.toReversed()
}

function replay(item: string, events: readonly EventAnswer[]): ItemState | undefined {
  if (events.length === 0) return undefined
  const nobody = { requestor: null, slot: null, held: false }
  let state: ItemState = { item, removed: true, ...nobody }
  for (const { event, requestor, slot } of events) {
    const holder = { requestor, slot, held: event === 'held' }
    if (!['lapsed', 'released'].includes(event)) {
      const removed = ['added', 'restored'].includes(event)
      expect({ event, removed: state.removed }).toEqual({ event, removed })
    }
    // Each event names who has the item, or had it until then.
    if (!['matched', 'held', 'confirmed'].includes(event))
      expect({ event, ...state, requestor, slot }).toEqual({ event, ...state })
    else if (state.requestor !== null)
      expect({ event, ...state }).toEqual({ event: 'confirmed', ...state, requestor, slot })
    if (['matched', 'held', 'confirmed'].includes(event)) state = { ...state, ...holder }
    if (event === 'lapsed') state = { ...state, ...nobody }
    if (event === 'released') state = { item, removed: false, ...nobody }
    if (['added', 'restored'].includes(event)) state = { ...state, removed: false }
    if (['removed', 'replaced'].includes(event)) state = { ...state, removed: true }
  }
  return state
}

/** A hold on a removed item may have lapsed without anybody having noticed. */
function withoutUnnoticed(state: ItemState | undefined, model: ItemState | undefined) {
  const lapsed = state?.removed && state.held && model?.requestor === null
  return lapsed ? { ...state, requestor: null, slot: null, held: false } : state
}

/** The items that somebody has after these events. */
function liveOf(events: readonly EventAnswer[]): string[] {
  const has = new Set<string>()
  for (const { event, item, slot } of events) {
    if (['matched', 'held', 'confirmed', 'restored'].includes(event)) has.add(`${item} ${slot}`)
    if (['lapsed', 'released', 'removed', 'replaced'].includes(event)) has.delete(`${item} ${slot}`)
  }
  return [...has].sort()
}
