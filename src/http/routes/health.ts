import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import { ZaasError } from '../../domain/errors.ts'
import type { Durability, Store } from '../../domain/store.ts'
import { problemsOf } from '../middleware/problems.ts'
import { strict } from '../schemas.ts'

type Deps = { store: Store; log: Logger; stopping: () => boolean }

/** Liveness and readiness, for load balancers and orchestrators. */
export const health = ({ store, log, stopping }: Deps) => {
  // A libSQL server may stop syncing its commits while zaas runs; `serve` warns if it does not sync at startup.
  let durabilityBefore: Durability | undefined
  return new Elysia()
    .get('/health/live', () => ({ status: 'live' as const }), {
      query: strict({}),
      response: { 200: Type.Object({ status: Type.Literal('live') }), ...problemsOf(422) },
      detail: {
        tags: ['Health'],
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
        if (durability === 'relaxed' && durabilityBefore === 'full')
          log.warn('commits are no longer synced to disk: a power cut can undo them')
        durabilityBefore = durability
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
          tags: ['Health'],
          operationId: 'ready',
          summary: 'Can it serve requests now?',
          description: 'durability: full when each commit is synced to disk before it is answered.',
        },
      },
    )
}
