import { type Static, Type } from '@sinclair/typebox'
import { invalid } from '../domain/errors.ts'
import {
  type NamespaceSettings,
  type NamespaceState,
  type NamespaceStats,
  requestorModes,
} from '../domain/namespace.ts'
import { limits } from '../limits.ts'
import {
  bodyOf,
  Flag,
  integer,
  isoOrNull,
  Name,
  Namespace,
  nullable,
  oneOf,
  orNull,
  Time,
  UtcTime,
} from './schemas.ts'
import { timeOf } from './times.ts'

// The settings and counts of a namespace, as the API reads and writes them. Null stands for the default.

const { expiryMarginSecondsMax, itemsPerRequestorMax, lowStockBelowMax } = limits.settings

const values = {
  description: Name,
  paused: Flag,
  opensAt: UtcTime,
  closesAt: UtcTime,
  expiryMarginSeconds: integer(0, expiryMarginSecondsMax),
  itemsPerRequestor: integer(1, itemsPerRequestorMax),
  lowStockBelow: integer(1, lowStockBelowMax),
  requestors: oneOf(requestorModes),
}

export const settingsBody = bodyOf({
  description: Type.Optional(nullable(values.description)),
  paused: Type.Optional(nullable(values.paused)),
  opensAt: Type.Optional(nullable(values.opensAt)),
  closesAt: Type.Optional(nullable(values.closesAt)),
  expiryMarginSeconds: Type.Optional(nullable(values.expiryMarginSeconds)),
  itemsPerRequestor: Type.Optional(nullable(values.itemsPerRequestor)),
  lowStockBelow: Type.Optional(nullable(values.lowStockBelow)),
  requestors: Type.Optional(nullable(values.requestors)),
})

export const counts = {
  total: Type.Integer(),
  matched: Type.Integer(),
  available: Type.Integer(),
  held: Type.Integer(),
  expired: Type.Integer(),
  perDay: Type.Integer(),
  runsOutAt: orNull(Time),
}

export const State = Type.Object({
  namespace: Namespace,
  settings: Type.Object({
    description: orNull(Type.String()),
    paused: orNull(Type.Boolean()),
    opensAt: orNull(Time),
    closesAt: orNull(Time),
    expiryMarginSeconds: orNull(Type.Integer()),
    itemsPerRequestor: orNull(Type.Integer()),
    lowStockBelow: orNull(Type.Integer()),
    requestors: orNull(oneOf(requestorModes)),
  }),
  stats: Type.Object(counts),
})

/** The settings to change. Throws `invalid` for a time that does not exist. */
export function settingsOf(
  body: Static<(typeof settingsBody)['body']>,
): Partial<NamespaceSettings> {
  const { opensAt, closesAt, ...others } = body
  return {
    ...others,
    ...(opensAt !== undefined && { opensAt: timeOrNull('opensAt', opensAt) }),
    ...(closesAt !== undefined && { closesAt: timeOrNull('closesAt', closesAt) }),
  }
}

function timeOrNull(field: string, text: string | null): number | null {
  if (text === null) return null
  const time = timeOf(text)
  if (time === undefined) throw invalid(field, 'must be a date and time that exist')
  return time
}

/** Written out, so that the order is that of the documentation and nothing else gets in. */
export function stateJson({ namespace, settings, stats }: NamespaceState) {
  const { description, paused, opensAt, closesAt } = settings
  const { expiryMarginSeconds, itemsPerRequestor, lowStockBelow, requestors } = settings
  return {
    namespace,
    settings: {
      description,
      paused,
      opensAt: isoOrNull(opensAt),
      closesAt: isoOrNull(closesAt),
      expiryMarginSeconds,
      itemsPerRequestor,
      lowStockBelow,
      requestors,
    },
    stats: statsJson(stats),
  }
}

export const statsJson = ({ runsOutAt, ...stats }: NamespaceStats) => {
  const { total, matched, available, held, expired, perDay } = stats
  return { total, matched, available, held, expired, perDay, runsOutAt: isoOrNull(runsOutAt) }
}
