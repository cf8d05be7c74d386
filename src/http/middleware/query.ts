/** Parses the query of a URL. A repeated parameter becomes a list, which every schema here rejects. */
export function readQuery(url: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null)
  const start = url.indexOf('?')
  if (start < 0) return query
  const parameters = new URLSearchParams(url.slice(start))
  for (const name of parameters.keys()) {
    const values = parameters.getAll(name)
    query[name] = values.length === 1 && values[0] !== undefined ? values[0] : values
  }
  return query
}
