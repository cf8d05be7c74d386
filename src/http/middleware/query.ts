/** Parses the query of a URL. A repeated parameter becomes a list, which every schema here rejects. */
export function readQuery(url: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null)
  const start = url.indexOf('?')
  if (start < 0) return query
  // One pass: asking for the values of each name would take the square of the query's length.
  for (const [name, value] of new URLSearchParams(url.slice(start))) {
    const earlier = query[name]
    if (earlier === undefined) query[name] = value
    else if (typeof earlier === 'string') query[name] = [earlier, value]
    else earlier.push(value)
  }
  return query
}
