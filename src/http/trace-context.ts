const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/
const zeros = /^0+$/

/** What log lines have of the trace that a request belongs to. */
export type Trace = { traceId: string; parentId: string }

/** Reads a `traceparent` of version 00 (W3C Trace Context); undefined for one that is missing or invalid. */
export function traceOf(headers: Headers): Trace | undefined {
  const sent = headers.get('traceparent')
  if (sent === null) return undefined
  const [, traceId = '0', parentId = '0'] = traceparent.exec(sent) ?? []
  return zeros.test(traceId) || zeros.test(parentId) ? undefined : { traceId, parentId }
}
