import { createHash } from 'node:crypto'

/**
 * A handler for a static file, which browsers revalidate by ETag and get compressed if they accept gzip.
 * `inlineStyle` is the content of a page's `<style>`.
 */
export function cachedAsset(body: string, type: string, inlineStyle = '') {
  const gzipped = Bun.gzipSync(body)
  const headers = {
    'content-type': type,
    'content-security-policy': contentSecurityPolicy(inlineStyle),
    // No other site can open a page and keep a handle on it, or embed any part of it.
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
    vary: 'accept-encoding',
    etag: `W/"${Bun.hash(body).toString(36)}"`,
  }
  return ({ headers: requestHeaders }: Request): Response => {
    if (requestHeaders.get('if-none-match') === headers.etag)
      return new Response(null, { status: 304, headers })
    return /\bgzip\b/.test(requestHeaders.get('accept-encoding') ?? '')
      ? new Response(gzipped, { headers: { ...headers, 'content-encoding': 'gzip' } })
      : new Response(body, { headers })
  }
}

/** A page may load from zaas only, except images in data: URLs and its own inline style. */
function contentSecurityPolicy(inlineStyle: string): string {
  const hash = createHash('sha256').update(inlineStyle).digest('base64')
  const styles = inlineStyle === '' ? "'self'" : `'self' 'sha256-${hash}'`
  return (
    `default-src 'none'; script-src 'self'; style-src ${styles}; img-src 'self' data:; ` +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  )
}
