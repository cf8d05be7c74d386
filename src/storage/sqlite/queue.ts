/**
 * SQL for the ids of the available items of a namespace: those behind the head of its queue, then the queue.
 * Both come from an index in order, so that with `ORDER BY id LIMIT n` it reads n rows of each at most, however
 * large the pool is. `namespace` is an expression.
 */
export const availableIds = (namespace: string) =>
  `SELECT id FROM items
   WHERE namespace = ${namespace} AND deleted_at IS NULL AND passed_over IS NOT NULL
   UNION ALL
   SELECT id FROM items
   WHERE namespace = ${namespace} AND deleted_at IS NULL AND passed_over IS NULL AND id >= (
     SELECT queue_start FROM namespace_stats WHERE namespace = ${namespace}
   )`
