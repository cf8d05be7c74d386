import { Elysia } from 'elysia'
import { ZaasError } from '../../domain/errors.ts'

const refusals = new WeakMap<Request, string>()

/** Has `refused` answer this request with a 400 that says why. */
export function refuse(request: Request, detail: string): Request {
  refusals.set(request, detail)
  return request
}

/** Answers what `refuse` was told of, before anything looks at its path. */
export const refused = () =>
  new Elysia().onRequest(({ request }) => {
    const detail = refusals.get(request)
    if (detail !== undefined) throw new ZaasError('malformed_body', detail)
  })
