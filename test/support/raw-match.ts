/** The bytes of a match: its head, its body, and both. */
export function matchOf(apiKey: string, requestor: string, headers: string[] = []) {
  const body = JSON.stringify({ requestor })
  const head = [
    'POST /namespaces/shop/match HTTP/1.1',
    'Host: zaas.example.com',
    `x-api-key: ${apiKey}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    ...headers,
    '',
    '',
  ].join('\r\n')
  return { head, body, whole: head + body }
}
