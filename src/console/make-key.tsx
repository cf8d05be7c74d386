import { useRef, useState } from 'preact/hooks'
import type { CreatedKey, NewKey, Scope } from '../client/index.ts'
import type { Admin } from './admin.ts'
import { MadeKey } from './made-key.tsx'
import { Fault } from './parts.tsx'
import { messageOf } from './problem.ts'

/** Those that are for who works with codes: settings are not among what the console does. */
const scopes: Partial<Record<Scope, string>> = {
  match: 'Hand out codes',
  read: 'See codes and counts',
  write: 'Add, remove and release',
}
const day = 24 * 60 * 60 * 1_000

type Props = { admin: Admin; namespace?: string; onMade: () => void }

/** Makes a key, for one namespace or for any, and shows it this once. */
export function MakeKey({ admin, namespace, onMade }: Props) {
  const form = useRef<HTMLFormElement>(null)
  const [made, setMade] = useState<CreatedKey>()
  const [fault, setFault] = useState('')
  const make = async (event: Event) => {
    event.preventDefault()
    if (!form.current) return
    const key = keyOf(new FormData(form.current), namespace)
    if (key.scopes?.length === 0) return setFault('Tick at least one thing that the key may do.')
    setFault('')
    try {
      setMade(await admin.makeKey(key))
      onMade()
    } catch (error) {
      setFault(messageOf(error))
    }
  }
  if (made) return <MadeKey made={made} onDone={() => setMade(undefined)} />
  return (
    <form ref={form} onSubmit={(event) => void make(event)}>
      {namespace === undefined && (
        <label>
          Namespace
          <input name="namespace" required autocomplete="off" spellcheck={false} />
        </label>
      )}
      <label>
        <span>
          Name <span class="hint">optional</span>
        </span>
        <input name="name" autocomplete="off" placeholder="Shop backend" />
      </label>
      <fieldset>
        <legend>May</legend>
        {Object.entries(scopes).map(([scope, text]) => (
          <label key={scope} class="check">
            <input type="checkbox" name="scopes" value={scope} defaultChecked />
            {text}
          </label>
        ))}
      </fieldset>
      <label>
        Expires
        <select name="days">
          <option value="">Never</option>
          <option value="1">In a day</option>
          <option value="30">In 30 days</option>
          <option value="365">In a year</option>
        </select>
      </label>
      <Fault>{fault}</Fault>
      <button type="submit" class="primary">
        Make a key
      </button>
    </form>
  )
}

function keyOf(given: FormData, namespace?: string): NewKey {
  const name = String(given.get('name'))
  const days = Number(given.get('days'))
  return {
    namespace: namespace ?? String(given.get('namespace')).trim(),
    scopes: given.getAll('scopes') as Scope[],
    ...(name && { name }),
    ...(days > 0 && { expiresAt: new Date(Date.now() + days * day).toISOString() }),
  }
}
