/**
 * The ways in which sqlite3 can `.import` lines, which are one column, into a table of more: what comes
 * before the import into `lines`, and what after it.
 */
export const sqliteWays = (namespace: string) => ({
  'through a view': {
    before: `CREATE TEMP VIEW lines AS SELECT item FROM items;
      CREATE TEMP TRIGGER fill INSTEAD OF INSERT ON lines BEGIN
        INSERT INTO items (namespace, item, created_at) VALUES ('${namespace}', new.item, 0);
      END;`,
    after: '',
  },
  'and INSERT … SELECT': {
    before: 'CREATE TEMP TABLE lines (item TEXT);',
    after: `INSERT INTO items (namespace, item, created_at) SELECT '${namespace}', item, 0 FROM lines;`,
  },
})

export type SqliteWay = ReturnType<typeof sqliteWays>[keyof ReturnType<typeof sqliteWays>]
