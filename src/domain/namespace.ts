import { dayMs } from './stats-history.ts'

/** Counts of the live items of a namespace; `total` is always the sum of the others. */
export type NamespaceStats = {
  total: number
  matched: number
  /** What a match could give now, whether or not the namespace is paused or open. */
  available: number
  held: number
  /** Past their expiry, less the margin, and with nobody. */
  expired: number
  /** New matches of this hour and the 23 before, those released since included. */
  perDay: number
  /** When nothing is available any more, at that rate; null if nothing goes. */
  runsOutAt: number | null
}

const lastMoment = Date.parse('9999-12-31T23:59:59.999Z')

export const runsOutAt = ({
  available,
  perDay,
  now,
}: Record<'available' | 'perDay' | 'now', number>) =>
  perDay === 0 ? null : Math.min(Math.round(now + (available / perDay) * dayMs), lastMoment)

export type ListedNamespace = { namespace: string } & NamespaceStats
export type NamespaceOrder = (one: ListedNamespace, other: ListedNamespace) => number

/** Fewest first; soonest first, and those that do not run out last. */
export const namespaceOrders = {
  available: (one, other) => one.available - other.available,
  runsOutAt: (one, other) => (one.runsOutAt ?? Infinity) - (other.runsOutAt ?? Infinity) || 0,
} as const satisfies Record<string, NamespaceOrder>

/** Keyset pagination by name: at most `limit` namespaces, whose names sort after `after`, at the time `now`. */
export type NamespaceQuery = {
  after: string
  limit: number
  now: number
  prefix?: string | undefined
  /** By name unless said. Otherwise `after` is disregarded, and the first page the only one. */
  order?: 'name' | keyof typeof namespaceOrders | undefined
}

/** `next` is the `after` of the next page, or null on the last one. */
export type NamespacePage = { namespaces: ListedNamespace[]; next: string | null }

/** How requestors are compared: code point by code point, or trimmed, in NFC and lower case. */
export const requestorModes = ['exact', 'folded'] as const
export type RequestorMode = (typeof requestorModes)[number]

/** Null stands for the default. Times are Unix milliseconds. */
export type NamespaceSettings = {
  description: string | null
  /** Nobody new gets an item. By default not. */
  paused: boolean | null
  /** Nobody new gets an item before the one and from the other on. By default there is no bound. */
  opensAt: number | null
  closesAt: number | null
  /** So long before its expiry an item is given to nobody new. By default 0. */
  expiryMarginSeconds: number | null
  /** How many items a requestor may have, in different slots. By default 1. */
  itemsPerRequestor: number | null
  /** By default nobody is told. */
  lowStockBelow: number | null
  /** By default `exact`. */
  requestors: RequestorMode | null
}

/** The settings to change; what is left out stays. */
export type SettingsChange = { namespace: string; settings: Partial<NamespaceSettings> }

export type NamespaceState = {
  namespace: string
  settings: NamespaceSettings
  stats: NamespaceStats
}

export const defaultSettings: NamespaceSettings = {
  description: null,
  paused: null,
  opensAt: null,
  closesAt: null,
  expiryMarginSeconds: null,
  itemsPerRequestor: null,
  lowStockBelow: null,
  requestors: null,
}

/** The form in which requestors of a namespace with `requestors: folded` are compared. */
export const foldRequestor = (requestor: string) =>
  requestor.trim().normalize('NFC').toLowerCase().normalize('NFC')
