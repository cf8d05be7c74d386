import { Elysia, t } from 'elysia'
import { apiKeyOf, namespaceName } from '../stock.ts'

// What a good engineer would write instead of zaas: a plain Elysia route with validation and a check of the key, and
// nothing that zaas has besides (access lines, metrics, request ids, limits, problem documents).

/** Who is given what; `item` is undefined if nothing is left. */
export type Given = { item: string | undefined; matchedAt: number; alreadyMatched: boolean }

const namespaces = Number(process.env['NAMESPACES'])
const namespaceOf = new Map(
  Array.from({ length: namespaces }, (_, n) => [apiKeyOf(namespaceName(n)), namespaceName(n)]),
)

/** Serves the route of a match with this way to match behind it. */
export function serve(match: (namespace: string, requestor: string) => Promise<Given>): void {
  const app = new Elysia()
    .get('/', () => 'ready')
    .post(
      '/namespaces/:namespace/match',
      async ({ body, params, request, status }) => {
        const key = request.headers.get('x-api-key')
        if (key === null || namespaceOf.get(key) !== params.namespace) {
          return status(401, { message: 'A valid API key is needed.' })
        }
        const { item, matchedAt, alreadyMatched } = await match(params.namespace, body.requestor)
        if (item === undefined) return { success: false as const, message: 'None left' }
        const at = new Date(matchedAt).toISOString()
        return { success: true as const, item, matchedAt: at, alreadyMatched, message: 'Matched' }
      },
      {
        params: t.Object({ namespace: t.String({ pattern: '^[A-Za-z0-9._~-]{1,128}$' }) }),
        body: t.Object({ requestor: t.String({ minLength: 1, maxLength: 255 }) }),
        response: {
          200: t.Union([
            t.Object({
              success: t.Literal(true),
              item: t.String(),
              matchedAt: t.String(),
              alreadyMatched: t.Boolean(),
              message: t.String(),
            }),
            t.Object({ success: t.Literal(false), message: t.String() }),
          ]),
          401: t.Object({ message: t.String() }),
        },
      },
    )
  Bun.serve({
    port: Number(process.env['PORT']),
    hostname: '127.0.0.1',
    fetch: app.fetch,
    development: false,
    reusePort: false,
  })
}
