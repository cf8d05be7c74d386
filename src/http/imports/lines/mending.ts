// What is removed from an item without asking, and what makes one look damaged.

import * as rules from '../../../domain/rules.ts'

const clean = new RegExp(rules.newItem.pattern)
const invisible = new RegExp(`[${rules.invisible}]`, 'g')
// U+0085 is white space too, but not of \s. The lookbehind keeps long runs of white space from taking quadratic time.
const outside = /^[\s\u0085]+|(?<![\s\u0085])[\s\u0085]+$/g
const unseen = `[\\s\\u0085${rules.invisible}]`
const around = new RegExp(`^${unseen}+|(?<!${unseen})${unseen}+$`, 'g')

/** Whether there is nothing to mend and no damage, as in most items: visible ASCII that is no number. */
export const isPlain = (value: string) => plain.test(value)
const plain = /^[!#-&(*/:<-@A-Z[-`a-z{}~][!#-&(-+\--:<-{}~]*$/

/** An item as it is added; the same string where nothing is to be mended. */
export function mend(value: string): string {
  return clean.test(value) && !value.includes('\u0085')
    ? value
    : value.replace(invisible, '').replace(outside, '')
}

/** A cell of whoever has an item, and what else is read of it: of what is inside, nothing is known. */
export const mendAround = (value: string) => value.replace(around, '')

/** What says where an item begins and ends: a line of text, a cell, or a JSON string. */
export type Source = 'text' | 'csv' | 'json'

// Spreadsheets write 1.23457E+15, where the comma may stand for the point.
const rounded = /^[+-]?\d+(?:[.,]\d+E[+-]?|E[+-])\d+$/i
const separator = /[\u2028\u2029]/
// The first byte of a character in UTF-8, read as Windows-1252, and what its second byte may look like.
const misread =
  /[\u00c2\u00c3\u00e2][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]/
const json = /^[[{].*[\]}],?$/
const delimiter = /[,;|]/
// Spreadsheets are also given ="0012", so that they keep the zeros.
const quoted = /^=?["'“”„«].*["'“”»]$/

const anyDamage = /[,;|\u2028\u2029"'“”„«\u00c2\u00c3\u00e2]|\d[Ee][+-]?\d/

/** What makes an item look damaged, for a person to look at. */
export function damageOf(item: string, from: Source): string | undefined {
  if (!anyDamage.test(item)) return undefined
  if (rounded.test(item)) return 'looks like a number that a spreadsheet has rounded'
  if (separator.test(item)) return 'has U+2028 or U+2029, which separate lines, inside'
  if (misread.test(item)) return 'looks like UTF-8 that was read in another encoding'
  if (from === 'json') return undefined
  if (from === 'text') {
    if (json.test(item)) return 'looks like JSON, which is to be sent as application/x-ndjson'
    if (delimiter.test(item)) return 'has a delimiter inside; a table is to be sent as text/csv'
  }
  return quoted.test(item) ? 'is in quotes, which became a part of the item' : undefined
}
