import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import Negotiator from 'negotiator'
import { problemsOf } from '../middleware/problems.ts'
import { welcomePage } from '../pages/welcome.ts'
import { strict } from '../schemas.ts'

/** Answers `zaas` at `/`. */
export const greeting = () =>
  new Elysia().get(
    '/',
    ({ request, set }) => {
      if (prefersHtml(request)) {
        const page = welcomePage(request)
        page.headers.append('vary', 'accept')
        return page
      }
      set.headers['vary'] = 'accept'
      set.headers['content-type'] = 'text/plain;charset=utf-8'
      return 'zaas' as const
    },
    {
      query: strict({}),
      response: {
        200: Type.Literal('zaas'),
        ...problemsOf(422),
      },
      detail: {
        tags: ['Health'],
        operationId: 'greet',
        summary: 'Who is there?',
        description: 'Answers zaas; a browser gets a page with links to the others.',
      },
    },
  )

/** A client that accepts anything, such as curl or fetch, gets plain text. */
function prefersHtml({ headers }: Request): boolean {
  const accept = headers.get('accept') ?? undefined
  return (
    new Negotiator({ headers: { accept } }).mediaType(['text/plain', 'text/html']) === 'text/html'
  )
}
