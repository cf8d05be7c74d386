import type { ComponentChildren } from 'preact'
import { useCallback, useMemo, useState } from 'preact/hooks'
import { AddCodes } from './add-codes.tsx'
import type { OnRefused } from './calls.ts'
import { CodeLists } from './code-lists.tsx'
import { Export } from './export.tsx'
import { Overview } from './overview.tsx'
import { Bar, Fault, Title } from './parts.tsx'
import { usePolled } from './polled.ts'
import { poolOf, type Status } from './pool.ts'
import type { Opened } from './session.ts'

const pollMs = 3_000
const shown = { few: 10, many: 100 }

type Props = {
  opened: Opened
  onRefused: OnRefused
  /** Leads back to the namespaces, for whoever came from there. */
  onBack: (() => void) | '' | undefined
  onSignOut: () => void
}

/** A namespace: how much is left, who got what, and what to do about it. */
export function PoolPage({ opened, onRefused, onBack, onSignOut }: Props) {
  const pool = useMemo(() => poolOf(opened, onRefused), [opened])
  const [status, setStatus] = useState<Status>('matched')
  const [limit, setLimit] = useState(shown.few)
  const load = useCallback(async () => {
    const [stats, listed] = await Promise.all([pool.stats(), pool.codes(status, limit)])
    return { stats, listed, status }
  }, [pool, status, limit])
  const others = limit === shown.few ? shown.many : shown.few
  const { value, fault, reload } = usePolled(load, pollMs)
  const [done, setDone] = useState<ComponentChildren>('')
  const onChange = (said: ComponentChildren) => {
    setDone(said)
    reload()
  }
  return (
    <>
      <Bar onSignOut={onSignOut}>
        {onBack && (
          <button type="button" class="quiet" onClick={onBack}>
            All namespaces
          </button>
        )}
      </Bar>
      <main class="pool">
        <Title>{opened.namespace}</Title>
        <Fault>{fault && `${fault} Trying again.`}</Fault>
        {value && <Overview stats={value.stats} />}
        <CodeLists
          pool={pool}
          status={status}
          onStatus={setStatus}
          total={value?.stats.total ?? 0}
          codes={value?.status === status ? value.listed : undefined}
          onChange={onChange}
        >
          {value && value.listed.length >= shown.few && (
            <button type="button" class="quiet" onClick={() => setLimit(others)}>
              {limit === shown.few ? 'Show more' : 'Show fewer'}
            </button>
          )}
        </CodeLists>
        <div class="side">
          <AddCodes pool={pool} onAdded={reload} />
          <Export pool={pool} namespace={opened.namespace} />
        </div>
        <p class="done" role="status">
          {done}
        </p>
      </main>
    </>
  )
}
