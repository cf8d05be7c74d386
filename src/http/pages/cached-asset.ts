/** What a page may do: load from here alone, but for images that are written out inside of it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** A file of a page that a browser keeps and asks about again, compressed for those that can read it. */
export function cachedAsset(body: string, type: string) {
  const gzipped = Bun.gzipSync(body)
  const headers = {
    'content-type': type,
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
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
