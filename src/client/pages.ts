export type Paging = {
  /** How many at most, from 1 to 1,000: 1,000 unless said. */
  limit?: number | undefined
  /** The `nextCursor` of the page before: the first page unless said. */
  cursor?: string | undefined
}

export const limitMax = 1_000

/** The pages of a list, each asked for when the one before is done with. */
export async function* pages<Page extends { nextCursor?: string | null }>(
  ask: (cursor: string | undefined) => Promise<Page>,
): AsyncGenerator<Page> {
  let cursor: string | undefined
  do {
    const page = await ask(cursor)
    yield page
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}
