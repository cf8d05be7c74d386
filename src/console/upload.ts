import { errorOf, type Imported, type ImportType, ZaasClientError } from '../client/index.ts'
import type { Opened } from './session.ts'

/** Hears how many bytes have gone out; aborting `signal` breaks the upload off and throws its reason. */
export type Watch = { onSent: (bytes: number) => void; signal: AbortSignal }

/** The client's import, but watched: fetch does not tell how much of a body has gone out. */
export async function upload(
  { namespace, apiKey }: Opened,
  file: Blob,
  type: ImportType,
  watch: Watch,
): Promise<Imported> {
  const path = `/namespaces/${encodeURIComponent(namespace)}/items`
  const headers = { 'x-api-key': apiKey, 'content-type': type }
  const { status, responseText } = await answerTo(path, file, headers, watch)
  const body = jsonIn(responseText)
  if (status === 200 && isImported(body)) return body
  throw errorOf(new Response(null, { status }), body)
}

function answerTo(
  path: string,
  file: Blob,
  headers: Record<string, string>,
  { onSent, signal }: Watch,
): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded }) => onSent(loaded)
    request.onload = () => resolve(request)
    request.onerror = () => reject(new ZaasClientError('unreachable', 'No whole answer came.'))
    request.onabort = () => reject(signal.reason)
    signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isImported = (body: unknown): body is Imported =>
  typeof body === 'object' && body !== null && 'added' in body
