/** What a page may do: load from here alone. `style` and `images` say what else it needs. */
export const policyOf = ({ style = '', images = '' } = {}) =>
  `default-src 'none'; script-src 'self'; style-src 'self'${style}; img-src 'self'${images}; ` +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** A file of a page. */
export function serve(body: string | Blob, type: string, policy: string): Response {
  return new Response(body, { headers: headersOf(type, policy) })
}

/** A file of a page that a browser keeps and asks about again, compressed for those that can read it. */
export function serveKept(body: string, type: string, policy: string) {
  const gzipped = Bun.gzipSync(body)
  const headers = {
    ...headersOf(type, policy),
    'cache-control': 'no-cache',
    vary: 'accept-encoding',
    etag: `W/"${Bun.hash(body).toString(36)}"`,
  }
  return ({ headers: asked }: Request): Response => {
    if (asked.get('if-none-match') === headers.etag)
      return new Response(null, { status: 304, headers })
    return /\bgzip\b/.test(asked.get('accept-encoding') ?? '')
      ? new Response(gzipped, { headers: { ...headers, 'content-encoding': 'gzip' } })
      : new Response(body, { headers })
  }
}

const headersOf = (type: string, policy: string) => ({
  'content-type': type,
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
})
