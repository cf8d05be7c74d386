/** The live items of a namespace; `total` is always `matched` plus `available`. */
export type NamespaceStats = { total: number; matched: number; available: number }

export type ListedNamespace = { namespace: string } & NamespaceStats

/** At most `limit` namespaces, those whose names come after `after`. */
export type NamespaceQuery = { after: string; limit: number }

/** `next` is the `after` of the page that follows, or null at the end. */
export type NamespacePage = { namespaces: ListedNamespace[]; next: string | null }
