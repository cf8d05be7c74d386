/** Counts of the live items of a namespace; `total` is always `matched` plus `available`. */
export type NamespaceStats = { total: number; matched: number; available: number }

export type ListedNamespace = { namespace: string } & NamespaceStats

/** Keyset pagination by name: at most `limit` namespaces, whose names sort after `after`. */
export type NamespaceQuery = { after: string; limit: number }

/** `next` is the `after` of the next page, or null on the last one. */
export type NamespacePage = { namespaces: ListedNamespace[]; next: string | null }
