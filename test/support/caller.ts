export type Send = (request: Request) => Promise<Response>
export type Answer<Body> = { status: number; headers: Headers; body: Body }

export type MatchAnswer = {
  success: boolean
  reason?: string
  item?: string
  data?: Record<string, unknown> | null
  expiresAt?: string | null
  heldUntil?: string
  matchedAt?: string
  alreadyMatched?: boolean
  replaced?: true
  message: string
}
type MatchOptions = { slot?: string; replace?: string; holdSeconds?: number }
export type StatsAnswer = {
  total: number
  matched: number
  available: number
  held: number
  expired: number
  perDay: number
  runsOutAt: string | null
}
export type ImportAnswer = {
  success: true
  message: string
  batch: string | null
  received: number
  added: number
  restored: number
  matched: number
  unchanged: number
  invalid: number
  leftRemoved: number
  expired: number
  mended: number
  warned: number
  read: {
    encoding: string
    delimiter: string | null
    header: string[] | null
    column: number | null
    ignored: string[]
    lines: number
  }
  items?: { item: string }[]
  warnings: { line: number; detail: string }[]
  errors: { line: number; detail: string }[]
}
export type EventAnswer = {
  at: string
  event: string
  item: string | null
  requestor: string | null
  slot: string | null
  by: object | null
  requestId: string | null
  batch: string | null
  note: string | null
}
export type HistoryAnswer = { events: EventAnswer[]; nextCursor: string | null }
export type ListAnswer = {
  items: {
    item: string
    requestor: string | null
    slot: string | null
    data: Record<string, unknown> | null
    matchedAt: string | null
    heldUntil: string | null
    expiresAt: string | null
    createdAt: string
    batch: string | null
    status: string
  }[]
  nextCursor: string | null
}

/** Sends requests with these headers; a body that is not a string or bytes goes out as JSON. */
export function callerOf(send: Send, origin: string, credentials: Record<string, string>) {
  return async function call<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array
    const response = await send(
      new Request(origin + path, {
        method,
        headers: { 'content-type': 'application/json', ...credentials, ...headers },
        ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
      }),
    )
    const text = await response.text()
    const json = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      body: json && text !== '' ? JSON.parse(text) : text,
    }
  }
}

export type Caller = ReturnType<typeof callerOf>

/** The calls of one API key on its namespace. */
export function namespaceOf(send: Send, origin: string, namespace: string, apiKey: string) {
  const call = callerOf(send, origin, { 'x-api-key': apiKey })
  const path = `/namespaces/${namespace}`
  return {
    apiKey,
    namespace,
    path,
    call,
    match: (requestor: string, options: MatchOptions = {}) =>
      call<MatchAnswer>('POST', `${path}/match`, { requestor, ...options }),
    confirm: (requestor: string, item: string, slot?: string) =>
      call<MatchAnswer>('POST', `${path}/confirm`, { requestor, item, slot }),
    patch: (body: object) => call<Record<string, unknown>>('PATCH', `${path}/items`, body),
    put: (body: object) => call<Record<string, unknown>>('PUT', `${path}/items`, body),
    import: (body: string | Uint8Array, type = 'text/plain', query = '') =>
      call<ImportAnswer>('POST', `${path}/items${query}`, body, { 'content-type': type }),
    list: (query = '') => call<ListAnswer>('GET', `${path}/items${query}`),
    history: (query = '') => call<HistoryAnswer>('GET', `${path}/history${query}`),
    stats: () => call<StatsAnswer>('GET', `${path}/stats`),
  }
}

/** Makes an API key for a namespace and returns its calls. */
export async function makeKey(
  send: Send,
  origin: string,
  masterKey: string,
  namespace: string,
  options: { scopes?: string[]; expiresAt?: string } = {},
) {
  const master = callerOf(send, origin, { 'x-master-api-key': masterKey })
  const { status, body } = await master<{ id: string; apiKey: string }>('POST', '/admin/api-keys', {
    namespace,
    ...options,
  })
  if (status !== 200) throw new Error(`making a key answered ${status}`)
  return { id: body.id, ...namespaceOf(send, origin, namespace, body.apiKey) }
}
