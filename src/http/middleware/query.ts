import { invalidIn } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'

const { queryParametersMax } = limits.http

/**
 * Parses the query of a URL. A repeated parameter becomes a list, which every schema here rejects. Throws `invalid`
 * for more than `limits.http.queryParametersMax` parameters, which would take long to check one by one.
 */
export function readQuery(url: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null)
  const start = url.indexOf('?')
  if (start < 0) return query
  const parameters = new URLSearchParams(url.slice(start))
  if (parameters.size > queryParametersMax) throw invalidIn([tooManyParameters])
  // One pass: asking for the values of each name would take the square of the query's length.
  for (const [name, value] of parameters) {
    const earlier = query[name]
    if (earlier === undefined) query[name] = value
    else if (typeof earlier === 'string') query[name] = [earlier, value]
    else earlier.push(value)
  }
  return query
}

const tooManyParameters = {
  pointer: '#',
  detail: `must have at most ${queryParametersMax} parameters (the query)`,
}
