import { useCallback, useState } from 'preact/hooks'
import type { NamespaceCounts } from '../client/index.ts'
import type { Admin } from './admin.ts'
import { MakeKey } from './make-key.tsx'
import { Card, Fault, Pages, Title } from './parts.tsx'
import { usePolled } from './polled.ts'
import { count, percent } from './words.ts'

const pollMs = 5_000

type Props = { admin: Admin; notice: string; onChoose: (namespace: string) => void }

/** All namespaces, a page at a time, with how much of each is gone. */
export function NamespacesPage({ admin, notice, onChoose }: Props) {
  const [cursor, turnTo] = useState<string>()
  const load = useCallback(() => admin.namespaces(cursor), [admin, cursor])
  const { value, fault, reload } = usePolled(load, pollMs)
  return (
    <div class="admin">
      <div class="lists">
        <Title>Namespaces</Title>
        <Fault>{fault ? `${fault} Trying again.` : notice}</Fault>
        {value && (
          <div class="card">
            {value.namespaces.length === 0 && (
              <p class="empty">No namespaces yet: make a key for the first one.</p>
            )}
            <ul class="rows" aria-label="Namespaces">
              {value.namespaces.map((each) => (
                <Row key={each.namespace} {...each} onChoose={() => onChoose(each.namespace)} />
              ))}
            </ul>
          </div>
        )}
        <Pages cursor={cursor} next={value?.nextCursor} onTurn={turnTo} />
      </div>
      <div class="side">
        <Card title="Make a key">
          <MakeKey admin={admin} onMade={reload} />
        </Card>
      </div>
    </div>
  )
}

type RowProps = NamespaceCounts & { onChoose: () => void }

function Row({ namespace, total, matched, onChoose }: RowProps) {
  return (
    <li>
      <div class="what">
        <button type="button" class="link" onClick={onChoose}>
          {namespace}
        </button>
        <span class="who">
          {total === 0 ? 'No codes yet' : `${count(matched)} of ${count(total)} handed out`}
        </span>
      </div>
      {total > 0 && (
        <meter
          min={0}
          max={total}
          value={matched}
          aria-label={`${percent(matched, total)} % of ${namespace} handed out`}
        />
      )}
    </li>
  )
}
