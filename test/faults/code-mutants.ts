/** A piece of code of a file under `src/`, and what to put in its place. */
export type Edit = { file: string; from: string; to: string }

const matches = 'storage/sqlite/matches'
const give = `${matches}/give.ts`
const resolve = `${matches}/resolve.ts`

/** Services that decide wrongly, for the tests of the model and of linearizability to catch. */
export const codeMutants = {
  'gives a lapsed hold away twice': [
    {
      file: `${matches}/confirm.ts`,
      from: 'item = ?5 AND deleted_at IS NULL AND requestor IS NULL',
      to: 'item = ?5 AND deleted_at IS NULL',
    },
    { file: `${matches}/confirm.ts`, from: 'AND item_id = items.id', to: '' },
  ],
  'lets a hold lapse that was confirmed': [
    {
      file: `${matches}/confirm.ts`,
      from: 'SET held_until = NULL, ordinal = 0\n            WHERE',
      to: 'SET held_until = held_until, ordinal = 0\n            WHERE',
    },
  ],
  'replaces whatever the requestor has': [
    {
      file: `${matches}/replace.ts`,
      from: 'if (holding?.item !== replace) {',
      to: 'if (!holding) {',
    },
    {
      file: `${matches}/replace.ts`,
      from: 'replaceHeld({ asked, shown, replace,',
      to: 'replaceHeld({ asked, shown, replace: holding.item,',
    },
  ],
  'remembers settings': [
    {
      file: `${matches}/match-batch.ts`,
      from: 'return resolve(pending, known, {',
      to: `const remembered = (globalThis.remembered ??= new Map())
  for (const [name, now] of known.namespaces) {
    const { paused, opensAt, closesAt } = remembered.get(name) ?? now
    remembered.set(name, { paused, opensAt, closesAt })
    Object.assign(now, { paused, opensAt, closesAt })
  }
  return resolve(pending, known, {`,
    },
    { file: give, from: `givesNow = \`\${isOpen} AND`, to: 'givesNow = `1 AND' },
  ],
  'checks what it has read before the write alone': [
    { file: give, from: `givesNow = \`\${isOpen} AND`, to: 'givesNow = `1 AND' },
    {
      file: `${matches}/match-batch.ts`,
      from: 'await write(db, steps, {',
      to: 'await Bun.sleep(5)\n      await write(db, steps, {',
    },
  ],
  'lengthens a hold on repeat': [
    {
      file: resolve,
      from: 'heldUntil !== null && request.holdSeconds === undefined && request.replace !== item',
      to: 'heldUntil !== null && request.replace !== item',
    },
    {
      file: `${matches}/steps.ts`,
      from: 'statements: confirmHeld(each, { now, ...by }),',
      to: `statements: confirmHeld(each, { now, ...by })
      .slice(0, each.request.holdSeconds ? 2 : 3)
      .map((statement) => ({
        ...statement,
        sql: each.request.holdSeconds
          ? statement.sql.replace('held_until = NULL', \`held_until = \${now + each.request.holdSeconds * 1000}\`)
          : statement.sql,
      })),`,
    },
  ],
  'gives expired items': [
    {
      file: give,
      from: 'AND id >= expiring_head AND id < before AND expires_at > threshold',
      to: '',
    },
  ],
  'skips what is behind the head': [
    {
      file: 'storage/sqlite/records/counts.ts',
      from: "sign === '-' ? 'expiring_head'",
      to: "true ? 'expiring_head'",
    },
  ],
  'checks the limit before the write alone': [
    { file: give, from: 'const limited = slots && !inExchange', to: 'const limited = false' },
  ],
  'counts for an hour that is over': [
    { file: resolve, from: 'hoursOver: [...new Set(hoursOver)]', to: 'hoursOver: []' },
    { file: give, from: `NOT \${hourIsOver} AND `, to: '' },
  ],
  'counts a hold as a match': [
    {
      file: 'storage/sqlite/records/counts.ts',
      from: "deltas.matched === '+'",
      to: "(deltas.matched ?? deltas.held) === '+'",
    },
  ],
  'forgets who held an item': [
    { file: `${matches}/tidy.ts`, from: `\${holdOf('SELECT * FROM lapsing')} UNION ALL `, to: '' },
  ],
  'forgets that an item was removed': [
    {
      file: 'storage/sqlite/stock/add.ts',
      from: `\${endOf(restoredRows)} UNION ALL `,
      to: '',
    },
  ],
  'hands out what an import says somebody has': [
    {
      file: 'storage/sqlite/stock/bring-matches.ts',
      from: `WHERE NOT is_live AND (requestor IS NULL OR turn = 1 AND NOT \${hasOther('candidates')})`,
      to: 'WHERE NOT is_live',
    },
    {
      file: 'storage/sqlite/stock/bring-matches.ts',
      from: '        FROM candidates\n',
      to: `        FROM (
          SELECT place, item, object, slot, is_live,
            iif(turn = 1 AND NOT \${hasOther('candidates')}, requestor, NULL) AS requestor
          FROM candidates
        )
`,
    },
  ],
} as const satisfies Record<string, readonly Edit[]>

export type CodeMutant = keyof typeof codeMutants
