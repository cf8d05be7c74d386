import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Store } from '../db/store.ts'
import { ZaasError } from '../errors.ts'
import { strict } from './fields.ts'
import { problemsOf } from './problems.ts'

export const health = ({ store, stopping }: { store: Store; stopping: () => boolean }) =>
  new Elysia()
    .get('/health/live', () => ({ status: 'live' as const }), {
      query: strict({}),
      response: { 200: Type.Object({ status: Type.Literal('live') }), ...problemsOf(422) },
      detail: {
        tags: ['Everyone'],
        operationId: 'live',
        summary: 'Is the process running?',
        description: 'Answers without asking the database.',
      },
    })
    .get(
      '/health/ready',
      async () => {
        if (stopping()) throw new ZaasError('unavailable', 'Shutting down.')
        const { pending, durability } = await store.readiness()
        if (pending > 0) throw new ZaasError('unavailable', 'Migrations are pending.')
        return { status: 'ready' as const, durability }
      },
      {
        query: strict({}),
        response: {
          200: Type.Object({
            status: Type.Literal('ready'),
            durability: Type.Union([Type.Literal('full'), Type.Literal('relaxed')]),
          }),
          ...problemsOf(422, 503),
        },
        detail: {
          tags: ['Everyone'],
          operationId: 'ready',
          summary: 'Can it serve requests now?',
          description: 'durability: full when each commit is synced to disk before it is answered.',
        },
      },
    )
