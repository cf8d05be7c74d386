import { createClient } from '@libsql/client'
import { and, eq, isNull } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/libsql'
import { items } from '../../src/storage/sqlite/schema.ts'
import { plainMatch, serve } from './route.ts'

// As a quick service would write it: it looks, then writes. Two processes that look at once would give
// out the same item; here there is one, whose calls to libSQL block.
const client = createClient({ url: String(process.env['DATABASE_URL']) })
await client.execute(
  'CREATE INDEX items_available ON items (namespace) WHERE deleted_at IS NULL AND requestor IS NULL',
)
const db = drizzle(client)

await serve(async ({ namespace, requestor }) => {
  const live = and(eq(items.namespace, namespace), isNull(items.deletedAt))
  const [mine] = await db
    .select()
    .from(items)
    .where(and(live, eq(items.requestor, requestor)))
    .limit(1)
  if (mine) {
    const matchedAt = Number(mine.matchedAt)
    return plainMatch(mine.item, matchedAt, true)
  }
  const [oldest] = await db
    .select()
    .from(items)
    .where(and(live, isNull(items.requestor)))
    .orderBy(items.id)
    .limit(1)
  if (!oldest) return { kind: 'refused', reason: 'none_left' }
  const matchedAt = Date.now()
  await db.update(items).set({ requestor, matchedAt }).where(eq(items.id, oldest.id))
  return plainMatch(oldest.item, matchedAt, false)
})
