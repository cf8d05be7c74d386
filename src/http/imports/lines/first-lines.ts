// What the first lines of a text or a CSV file may be, other than items.

import type { ItemLine, UploadLine } from '../../../domain/import.ts'
import { limits } from '../../../limits.ts'
import { isItemHeading, patternOf } from './headings.ts'

/**
 * Warns of first lines that may be headings, and of an only line that may have been several. `joined`: there is only
 * one, without an end. `unheaded`: nothing says whether there are headings. `headless`: the caller says there are none.
 */
export async function* firstChecked(
  blocks: AsyncIterable<UploadLine[]>,
  { joined, unheaded, headless }: { joined: boolean; unheaded: boolean; headless: boolean },
): AsyncGenerator<UploadLine[]> {
  let first = true
  for await (const rows of blocks) {
    if (first && rows.length > 0) {
      first = false
      if (!headless) warnOfHeadings(rows.slice(0, limits.imports.firstLines), unheaded)
      const [row] = rows
      if (joined && row && 'item' in row && looksJoined(row.item)) row.warning ??= joinedWarning
    }
    yield rows
  }
}

const headingWarning = 'may be a heading, and is added as an item: header=true leaves it out'
const lateHeadingWarning = 'is a heading that is known, below other lines, and is added as an item'
const joinedWarning =
  'is the only line, without an end: if the file has several, send it with --data-binary, not -d'

function warnOfHeadings(rows: readonly UploadLine[], unheaded: boolean): void {
  const items = rows.filter((row): row is ItemLine => 'item' in row)
  for (const row of items) if (isItemHeading(row.item)) row.warning ??= lateHeadingWarning
  const [first] = items
  if (unheaded && first && first === rows[0] && mayBeHeading(items))
    first.warning ??= headingWarning
}

/** Whether the first of these is without a digit and all others have one, as a heading would be. */
function mayBeHeading([first, ...others]: readonly ItemLine[]): boolean {
  const digit = /\p{N}/u
  return (
    first !== undefined &&
    !digit.test(first.item) &&
    others.length > 1 &&
    others.every(({ item }) => digit.test(item))
  )
}

/**
 * Whether the only line of an upload, without an end, may have been several: curl's -d takes line ends out.
 * Then it is long, or the same pattern over and over again.
 */
function looksJoined(item: string): boolean {
  const pattern = patternOf(item)
  return item.length > joinedMinLength || (/\d/.test(pattern) && /^(.{2,}?)\1+$/.test(pattern))
}
const joinedMinLength = 24
