import { Type } from '@sinclair/typebox'
import type { Match, MatchOutcome, RefusalReason } from '../domain/match.ts'
import type { MatchOutcomeLabel } from './metrics/http-metrics.ts'
import { iso, oneOf, orNull, Time } from './schemas.ts'

// The outcome of a match as JSON text. `data` is text already: it goes out as it came in, with the order of its
// properties and the digits of its numbers.

export const jsonType = 'application/json;charset=utf-8'

const refusals = {
  paused: 'This namespace is paused',
  not_open: 'This namespace is not open yet',
  closed: 'This namespace is closed',
  limit_reached: 'This requestor has as many items as this namespace allows',
  none_left: 'No available items in this namespace',
} as const satisfies Record<RefusalReason, string>

export const Matched = Type.Object({
  success: Type.Literal(true),
  item: Type.String(),
  data: orNull(Type.Object({}, { additionalProperties: true })),
  expiresAt: orNull(Time),
  heldUntil: Type.Optional(Time),
  matchedAt: Time,
  alreadyMatched: Type.Boolean(),
  replaced: Type.Optional(Type.Literal(true)),
  message: Type.String(),
})
export const Refused = Type.Object({
  success: Type.Literal(false),
  reason: oneOf(Object.keys(refusals) as RefusalReason[]),
  message: Type.String(),
})

/** The members of the object that answers a match, without its braces. */
export const matchMembers = (outcome: MatchOutcome): string =>
  outcome.kind === 'refused'
    ? refusedMembers(outcome.reason, refusals[outcome.reason])
    : matchedMembers(outcome)

export const refusedMembers = (reason: string, message: string) =>
  `"success":false,"reason":"${reason}","message":"${message}"`

export function matchedMembers(match: Match): string {
  const { item, data, expiresAt, heldUntil, matchedAt, alreadyMatched, replaced } = match
  return (
    `"success":true,"item":${JSON.stringify(item)},"data":${data ?? 'null'},` +
    `"expiresAt":${expiresAt === null ? 'null' : timeJson(expiresAt)},` +
    (heldUntil === null ? '' : `"heldUntil":${timeJson(heldUntil)},`) +
    `"matchedAt":${timeJson(matchedAt)},"alreadyMatched":${alreadyMatched},` +
    (replaced ? '"replaced":true,' : '') +
    `"message":"${messageOf(match)}"`
  )
}

const timeJson = (time: number) => `"${iso(time)}"`

function messageOf({ alreadyMatched, heldUntil }: Match): string {
  if (heldUntil !== null)
    return alreadyMatched ? 'Item already held for this requestor' : 'Item successfully held'
  return alreadyMatched ? 'Item already assigned to this requestor' : 'Item successfully matched'
}

/** As which outcome a match is counted. */
export function labelOf(outcome: MatchOutcome): MatchOutcomeLabel {
  if (outcome.kind === 'refused')
    return outcome.reason === 'none_left' ? 'exhausted' : outcome.reason
  if (outcome.alreadyMatched) return 'repeat'
  if (outcome.replaced) return 'replaced'
  return outcome.heldUntil === null ? 'new' : 'held'
}
