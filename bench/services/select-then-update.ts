import { createClient } from '@libsql/client'
import { and, eq, isNull } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/libsql'
import { items } from '../../src/storage/sqlite/schema.ts'
import { serve } from './route.ts'

// As a quick service would write it: it looks, then writes. Two processes that look at once would give
// out the same item; here there is one, whose calls to libSQL block.
const client = createClient({ url: String(process.env['DATABASE_URL']) })
await client.execute(
  'CREATE INDEX items_available ON items (namespace) WHERE deleted_at IS NULL AND requestor IS NULL',
)
const db = drizzle(client)

serve(async (namespace, requestor) => {
  const live = and(eq(items.namespace, namespace), isNull(items.deletedAt))
  const [mine] = await db
    .select()
    .from(items)
    .where(and(live, eq(items.requestor, requestor)))
    .limit(1)
  if (mine) return { item: mine.item, matchedAt: Number(mine.matchedAt), alreadyMatched: true }
  const [oldest] = await db
    .select()
    .from(items)
    .where(and(live, isNull(items.requestor)))
    .orderBy(items.id)
    .limit(1)
  const matchedAt = Date.now()
  if (!oldest) return { item: undefined, matchedAt, alreadyMatched: false }
  await db.update(items).set({ requestor, matchedAt }).where(eq(items.id, oldest.id))
  return { item: oldest.item, matchedAt, alreadyMatched: false }
})
