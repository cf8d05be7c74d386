import { Problem, problemIn, unreachable } from './problem.ts'

/** Sends requests with a key. Throws Problem; `onRefused` hears of it first when the key opens nothing. */
export function senderOf(key: Record<string, string>, onRefused: (problem: Problem) => void) {
  const answerTo = async (method: string, path: string, { body, accept }: Options = {}) => {
    const response = await fetch(path, {
      method,
      headers: {
        ...key,
        ...(accept && { accept }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw problemIn(response.status, await response.text())
    return response
  }
  const told = async <Value>(answer: Promise<Value>): Promise<Value> => {
    try {
      return await answer
    } catch (error) {
      // Whatever is not an answer of the API comes from fetch: no connection, or one that broke off.
      const problem = error instanceof Problem ? error : unreachable()
      if (problem.refused) onRefused(problem)
      throw problem
    }
  }
  return {
    json: <Value>(method: string, path: string, body?: object): Promise<Value> =>
      told(answerTo(method, path, { body }).then((response) => response.json())),
    blob: (path: string, accept: string): Promise<Blob> =>
      told(answerTo('GET', path, { accept }).then((response) => response.blob())),
    upload: <Value>(path: string, file: Blob, type: string, watch: Watch): Promise<Value> =>
      told(uploaded(path, file, { ...key, 'content-type': type }, watch)),
  }
}

type Options = { body?: object | undefined; accept?: string }

/** Hears how many bytes have gone out; aborting `signal` breaks the upload off. */
export type Watch = { onSent: (bytes: number) => void; signal: AbortSignal }

// fetch does not tell how much of a body has gone out.
function uploaded<Value>(
  path: string,
  file: Blob,
  headers: Record<string, string>,
  { onSent, signal }: Watch,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded }) => onSent(loaded)
    request.onload = () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText))
      else reject(problemIn(request.status, request.responseText))
    }
    request.onerror = () => reject(unreachable())
    request.onabort = () => reject(new Problem(0, { detail: stopped, code: 'stopped' }))
    signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

const stopped = 'Stopped. Some codes may have been added; adding the file again adds the rest.'
