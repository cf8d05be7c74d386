import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { problemsOf } from '../middleware/problems.ts'
import { strict } from '../schemas.ts'

/** Answers `zaas` at `/`. */
export const greeting = () =>
  new Elysia().get('/', () => 'zaas' as const, {
    query: strict({}),
    response: { 200: Type.Literal('zaas'), ...problemsOf(422) },
    detail: {
      tags: ['Everyone'],
      operationId: 'greet',
      summary: 'Who is there?',
      description: 'Answers zaas.',
    },
  })
