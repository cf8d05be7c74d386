import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { invalid } from '../../domain/errors.ts'
import { type HistoryStep, historySteps } from '../../domain/stats-history.ts'
import type { Store } from '../../domain/store.ts'
import { limits } from '../../limits.ts'
import { type KeyGuardDeps, keyGuard } from '../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import { inQuery, iso, Namespace, oneOf, strict, Time, UtcTime } from '../schemas.ts'
import { timeOf } from '../times.ts'

type Deps = JsonBodyDeps & { clock: () => Date; store: Pick<Store, 'statsHistory'> }

const { pointsMax, hourPoints, dayPoints } = limits.http
const points = { hour: hourPoints, day: dayPoints } as const satisfies Record<HistoryStep, number>

const Point = Type.Object({
  at: Time,
  added: Type.Integer(),
  matched: Type.Integer(),
  released: Type.Integer(),
  removed: Type.Integer(),
  available: Type.Integer(),
})

/** What the items of a namespace came to over time, for its API keys. */
export const statsHistory = ({ clock, store, ...deps }: KeyGuardDeps & Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'read'))
    .use(jsonBody(deps))
    .get(
      '/namespaces/:namespace/stats/history',
      async ({ namespace, query }) => {
        const now = clock().getTime()
        const found = await store.statsHistory({ namespace, now, ...rangeOf(query, now) })
        return { points: found.map(({ at, ...point }) => ({ at: iso(at), ...point })) }
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({
          from: Type.Optional(UtcTime),
          to: Type.Optional(UtcTime),
          step: Type.Optional(oneOf(['hour', 'day'] as const)),
        }),
        response: {
          200: Type.Object({ points: Type.Array(Point) }),
          ...problemsOf(401, 403, 422, 503),
        },
        detail: {
          tags: ['Stats'],
          operationId: 'countItemsOverTime',
          summary: 'Count the items of a namespace over time',
          description:
            'What each hour, or day, in UTC has brought, from the step of from to the last one that begins ' +
            `before to: at most ${pointsMax}. Without step these are hours; without to, until now; without ` +
            `from, the last ${hourPoints} hours or ${dayPoints} days before to. There are no points of the ` +
            'future, of the time before anything was recorded, and of more than 400 days ago.',
        },
      },
    )

type Query = { from?: string; to?: string; step?: HistoryStep }

/** The steps that are asked for. Throws `invalid` for a time that does not exist, for none, and for too many of them. */
function rangeOf({ from, to, step = 'hour' }: Query, now: number) {
  const length = historySteps[step]
  const beginOf = (time: number) => time - (time % length)
  const end = to === undefined ? now + 1 : existing('to', to)
  const last = beginOf(end - 1)
  const begin = from === undefined ? last - (points[step] - 1) * length : existing('from', from)
  if (begin >= end)
    throw invalid('from', `must be before to, which is now unless said${inQuery('from')}`)
  const first = beginOf(begin)
  if ((last - first) / length >= pointsMax) throw invalid('from', tooMany)
  return { from: first, to: last + length, step }
}

const tooMany =
  `must be at most ${pointsMax} steps before to: ask for less at once, or for days ` +
  '(from, to and step in the query)'

function existing(name: 'from' | 'to', text: string): number {
  const time = timeOf(text)
  if (time === undefined) throw invalid(name, `must be a date and time that exist${inQuery(name)}`)
  return time
}
