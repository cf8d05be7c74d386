import { Elysia } from 'elysia'
import { ZaasError } from '../../domain/errors.ts'

const refusals = new WeakMap<Request, string>()

/** Marks a request that `refused` answers with a 400 and this detail. */
export function refuse(request: Request, detail: string): Request {
  refusals.set(request, detail)
  return request
}

/** Answers the requests that `refuse` marked, before anything looks at their paths. */
export const refused = () =>
  new Elysia().onRequest(({ request }) => {
    const detail = refusals.get(request)
    if (detail !== undefined) throw new ZaasError('malformed_body', detail)
  })
