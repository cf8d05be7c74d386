import { ZaasClientError } from '../client/index.ts'

/** What to tell of an error. Throws one that is no failed call but a bug. */
export function messageOf(error: unknown): string {
  if (!(error instanceof ZaasClientError)) throw error
  const { code, status, errors, message } = error
  if (status === undefined) return 'The server cannot be reached.'
  if (code === 'unexpected') return `The server answered ${status}.`
  const places = errors.map(({ pointer, detail }) => `${pointer.slice(2)} ${detail}`)
  return places.join('; ') || message
}
