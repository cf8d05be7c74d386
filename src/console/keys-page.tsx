import { useCallback, useRef, useState } from 'preact/hooks'
import type { Key } from '../client/index.ts'
import type { Admin } from './admin.ts'
import { Confirm } from './confirm.tsx'
import { KeyRow } from './key-row.tsx'
import { MakeKey } from './make-key.tsx'
import { Card, Fault, Pages, Title } from './parts.tsx'
import { usePolled } from './polled.ts'
import { messageOf } from './problem.ts'
import type { Opened } from './session.ts'

const pollMs = 10_000
const lookMs = 60 * 60 * 1_000

type Props = { admin: Admin; namespace: string; onOpen: (opened: Opened) => void }

/** The keys of a namespace, and the way into it. */
export function KeysPage({ admin, namespace, onOpen }: Props) {
  const [cursor, turnTo] = useState<string>()
  const load = useCallback(() => admin.keys(namespace, cursor), [admin, namespace, cursor])
  const { value, fault, reload } = usePolled(load, pollMs)
  const [revoking, revoke] = useState<Key>()
  const [said, say] = useState('')
  const list = useRef<HTMLUListElement>(null)
  const revoked = async ({ id, apiKey }: Key) => {
    await admin.revoke(id)
    say(`Revoked ${apiKey}`)
    reload()
  }
  return (
    <div class="admin">
      <div class="lists">
        <Title>{namespace}</Title>
        <Look admin={admin} namespace={namespace} onOpen={onOpen} />
        <Card title="API keys">
          <Fault>{fault && `${fault} Trying again.`}</Fault>
          {value?.apiKeys.length === 0 && (
            <p class="empty">No keys: nothing opens this namespace.</p>
          )}
          <ul class="rows" ref={list} tabIndex={-1} aria-label="API keys">
            {value?.apiKeys.map((key) => (
              <KeyRow key={key.id} apiKey={key} onRevoke={() => revoke(key)} />
            ))}
          </ul>
          <Pages cursor={cursor} next={value?.nextCursor} onTurn={turnTo} />
        </Card>
      </div>
      <div class="side">
        <Card title="Make a key">
          <MakeKey admin={admin} namespace={namespace} onMade={reload} />
        </Card>
      </div>
      <p class="done" role="status">
        {said}
      </p>
      {revoking && (
        <Confirm
          title="Revoke this key?"
          action="Revoke"
          onConfirm={() => revoked(revoking)}
          onClose={() => {
            revoke(undefined)
            list.current?.focus()
          }}
        >
          <p>
            Whoever uses <span class="code">{revoking.apiKey}</span> {revoking.name} is refused
            within a second. A revoked key does not come back.
          </p>
        </Confirm>
      )}
    </div>
  )
}

/** A master key opens no namespace itself, so a look takes a key, which is made openly and for a while. */
function Look({ admin, namespace, onOpen }: Props) {
  const [fault, setFault] = useState('')
  const look = async () => {
    const expiresAt = new Date(Date.now() + lookMs).toISOString()
    try {
      const made = await admin.makeKey({
        namespace,
        name: 'Console',
        scopes: ['read', 'write'],
        expiresAt,
      })
      onOpen({ namespace, apiKey: made.apiKey, keyId: made.id })
    } catch (error) {
      setFault(messageOf(error))
    }
  }
  return (
    <section class="card look" aria-label="Look inside">
      <p>
        To see and change the codes in it, the console makes itself an API key. It expires in an
        hour, and is revoked when you go back or sign out.
      </p>
      <button type="button" class="primary" onClick={() => void look()}>
        Look inside
      </button>
      <Fault>{fault}</Fault>
    </section>
  )
}
