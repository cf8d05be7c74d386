// What is removed from an item without asking, and what makes one look damaged.

import * as rules from '../../domain/rules.ts'

const clean = new RegExp(rules.newItem.pattern)
const invisible = new RegExp(`[${rules.invisible}]`, 'g')
// U+0085 is white space too, but not of \s. The lookbehind keeps long runs of white space from taking quadratic time.
const outside = /^[\s\u0085]+|(?<![\s\u0085])[\s\u0085]+$/g

/** Whether there is nothing to mend and no damage, as in most items: visible ASCII that is no number. */
export const isPlain = (value: string) => plain.test(value)
const plain = /^[!#-&(*/:<-@A-Z[-`a-z{}~][!#-&(-+\--:<-{}~]*$/

/** An item as it is added; the same string where nothing is to be mended. */
export function mend(value: string): string {
  return clean.test(value) && !value.includes('\u0085')
    ? value
    : value.replace(invisible, '').replace(outside, '')
}

// Spreadsheets write 1.23457E+15, where the comma may stand for the point.
const rounded = /^[+-]?\d+(?:[.,]\d+E[+-]?|E[+-])\d+$/i
const separator = /[\u2028\u2029]/
const delimiter = /[,;|]/
const quoted = /^(["'“”„«]).*(["'“”»])$/

const anyDamage = /[,;|\u2028\u2029"'“”„«]|\d[Ee][+-]?\d/

/** What makes an item look damaged, for a person to look at. `text`: no format has settled what is inside. */
export function damageOf(item: string, text: boolean): string | undefined {
  if (!anyDamage.test(item)) return undefined
  if (rounded.test(item)) return 'looks like a number that a spreadsheet has rounded'
  if (separator.test(item)) return 'has U+2028 or U+2029, which separate lines, inside'
  if (!text) return undefined
  if (delimiter.test(item)) return 'has a delimiter inside; a table is to be sent as text/csv'
  return quoted.test(item) ? 'is in quotes, which became a part of the item' : undefined
}

/**
 * Whether the only line of an upload, without an end, may have been several: curl's -d takes line ends out.
 * Then it is long, or the same pattern over and over again.
 */
export function looksJoined(item: string): boolean {
  const pattern = item.replace(/\p{L}+/gu, 'A').replace(/\p{N}+/gu, '9')
  return item.length > joinedMinLength || (/\d/.test(pattern) && /^(.{2,}?)\1+$/.test(pattern))
}
const joinedMinLength = 24

/** Whether the first of these is without a digit and all others have one, as a heading would be. */
export function mayBeHeading([first, ...others]: readonly string[]): boolean {
  const digit = /\p{N}/u
  return (
    first !== undefined &&
    !digit.test(first) &&
    others.length > 1 &&
    others.every((other) => digit.test(other))
  )
}

export const headingWarning = 'may be a heading, and is added as an item: header=true leaves it out'
export const joinedWarning =
  'is the only line, without an end: if the file has several, send it with --data-binary, not -d'
