/**
 * SQL for the ids of the available items of a namespace, which is an SQL expression: those behind the head of
 * its queue, and those in the queue. Each half is in the order of an index, so with `ORDER BY id LIMIT n` at
 * most n rows of each are read, however many there are.
 */
export const availableIds = (namespace: string) =>
  `SELECT id FROM items
   WHERE namespace = ${namespace} AND deleted_at IS NULL AND passed_over IS NOT NULL
   UNION ALL
   SELECT id FROM items
   WHERE namespace = ${namespace} AND deleted_at IS NULL AND passed_over IS NULL AND id >= (
     SELECT queue_start FROM namespace_stats WHERE namespace = ${namespace}
   )`
