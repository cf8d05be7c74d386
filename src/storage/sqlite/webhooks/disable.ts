import type { Statement } from '../database.ts'
import type { By } from '../records/actors.ts'
import { noteIfChanged } from '../records/changes.ts'
import { isEnabled } from '../records/outbox.ts'

/** Disables a webhook. The first result has its id if it was not disabled before. */
export const disableNoted = (webhook: string, by: By): Statement[] => [
  {
    sql: `UPDATE webhooks AS hook SET disabled_at = ?2 WHERE id = ?1 AND ${isEnabled} RETURNING id`,
    params: [webhook, by.now],
  },
  noteIfChanged('webhook.updated', webhook, by),
]
