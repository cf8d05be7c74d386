const pageSize = 1_000

/** The pages of a list, each asked for when the one before is done with. */
export async function* pages<Page extends { nextCursor?: string | null }>(
  ask: (query: { limit: number; cursor?: string }) => Promise<Page>,
): AsyncGenerator<Page> {
  let cursor: string | null | undefined
  do {
    const page = await ask({ limit: pageSize, ...(cursor && { cursor }) })
    yield page
    cursor = page.nextCursor
  } while (cursor)
}
