import type { LegacyItem, Remark } from './read.ts'

/** `holding` is the row whose item the requestor of a live match holds instead, as the legacy zaas had it. */
export type ReconciledItem = LegacyItem & { holding?: number }

/**
 * Makes the rows of the legacy zaas keep the invariants, which its database need not have held:
 *
 * - Of several live rows of an item the first match stays, or the first row when none is matched. So no
 *   item that was handed out becomes available.
 * - Of several items of one requestor the first stays, which is the one that the legacy zaas answered. The
 *   others are kept as removed, still bound to it, so that they reach nobody else when they are added.
 * - A removed row behind the live one of its item is refused: the highest id of an item is its present state.
 */
export function reconcile(items: readonly LegacyItem[]): {
  reconciled: ReconciledItem[]
  refused: Remark[]
} {
  const { liveRows, holding } = reconcileMatches(items)
  const reconciled: ReconciledItem[] = []
  const refused: Remark[] = []
  for (const row of items) {
    const key = `${row.namespace} ${row.item}`
    const live = liveRows.get(key) ?? (row.deletedAt === null ? row.row : undefined)
    if (live !== undefined) liveRows.set(key, live)
    const held = holding.get(row.row)
    if (held !== undefined) reconciled.push({ ...row, holding: held })
    else if (
      live === row.row ||
      (row.deletedAt !== null && (live === undefined || live > row.row))
    ) {
      reconciled.push(row)
    } else refused.push({ table: 'items', row: row.row, reason: `its item is in row ${live} too` })
  }
  return { reconciled, refused }
}

/** The row that stays live of each item that is matched, and which matches are kept as removed. */
function reconcileMatches(items: readonly LegacyItem[]) {
  const liveRows = new Map<string, number>()
  const removedRows = new Map<string, number>()
  const rowOf = new Map<string, number>()
  const holding = new Map<number, number>()
  for (const { row, namespace, item, requestor, deletedAt } of items) {
    const key = `${namespace} ${item}`
    if (requestor === null || deletedAt !== null || liveRows.has(key)) continue
    const held = rowOf.get(`${namespace} ${requestor}`)
    if (held === undefined) {
      rowOf.set(`${namespace} ${requestor}`, row)
      liveRows.set(key, row)
    } else {
      holding.set(row, held)
      removedRows.set(key, removedRows.get(key) ?? row)
    }
  }
  return { liveRows: new Map([...removedRows, ...liveRows]), holding }
}
