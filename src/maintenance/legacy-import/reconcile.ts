import type { LegacyItem, Remark } from './read.ts'

/** `heldRow` is set on a match that is kept as removed: the row of the item that its requestor holds instead. */
export type ReconciledItem = LegacyItem & { heldRow?: number }

/**
 * Makes the rows of the legacy zaas satisfy the invariants, which its database did not enforce:
 *
 * - Of several live rows of an item, the first match stays, or the first row if none is matched, so that no item
 *   that was handed out becomes available.
 * - Of several items of a requestor, the first stays, which the legacy zaas answered. The others are kept as
 *   removed and with their requestor, so that adding them gives them to nobody else.
 * - A removed row after the live row of its item is refused, since the highest id is the current state of an item.
 */
export function reconcile(items: readonly LegacyItem[]): {
  reconciled: ReconciledItem[]
  refused: Remark[]
} {
  const { liveRows, heldRows } = reconcileMatches(items)
  const reconciled: ReconciledItem[] = []
  const refused: Remark[] = []
  for (const row of items) {
    const key = `${row.namespace} ${row.item}`
    const live = liveRows.get(key) ?? (row.deletedAt === null ? row.row : undefined)
    if (live !== undefined) liveRows.set(key, live)
    const heldRow = heldRows.get(row.row)
    if (heldRow !== undefined) reconciled.push({ ...row, heldRow })
    else if (
      live === row.row ||
      (row.deletedAt !== null && (live === undefined || live > row.row))
    ) {
      reconciled.push(row)
    } else refused.push({ table: 'items', row: row.row, reason: `its item is in row ${live} too` })
  }
  return { reconciled, refused }
}

/** Finds the row that stays live of each matched item, and `heldRow` of each match that is kept as removed. */
function reconcileMatches(items: readonly LegacyItem[]) {
  const liveRows = new Map<string, number>()
  const removedRows = new Map<string, number>()
  const rowByRequestor = new Map<string, number>()
  const heldRows = new Map<number, number>()
  for (const { row, namespace, item, requestor, deletedAt } of items) {
    const key = `${namespace} ${item}`
    if (requestor === null || deletedAt !== null || liveRows.has(key)) continue
    const heldRow = rowByRequestor.get(`${namespace} ${requestor}`)
    if (heldRow === undefined) {
      rowByRequestor.set(`${namespace} ${requestor}`, row)
      liveRows.set(key, row)
    } else {
      heldRows.set(row, heldRow)
      removedRows.set(key, removedRows.get(key) ?? row)
    }
  }
  return { liveRows: new Map([...removedRows, ...liveRows]), heldRows }
}
