import { useState } from 'preact/hooks'
import { adminOf } from './admin.ts'
import { Choice, Fault, Title } from './parts.tsx'
import { poolOf } from './pool.ts'
import { messageOf } from './problem.ts'
import type { Session } from './session.ts'

const kinds = { api: 'API key', master: 'Master key' }
const impossible = 'No key or namespace reads like this.'
type Kind = keyof typeof kinds
type Props = { notice: string; onSignIn: (session: Session) => void }

/** Asks for a key and tries it before it lets anyone in. */
export function SignIn({ notice, onSignIn }: Props) {
  const [kind, setKind] = useState<Kind>('api')
  const [fault, setFault] = useState(notice)
  const [busy, setBusy] = useState(false)
  const signIn = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const key = String(given.get('key')).trim()
    const namespace = String(given.get('namespace') ?? '').trim()
    const session = kind === 'api' ? { opened: { namespace, apiKey: key } } : { masterKey: key }
    setBusy(true)
    setFault('')
    try {
      await tryOut(session)
      onSignIn(session)
    } catch (error) {
      setFault(error instanceof TypeError ? impossible : messageOf(error))
      setBusy(false)
    }
  }
  return (
    <main class="sign-in">
      <p class="brand">zaas</p>
      <form class="card" onSubmit={(event) => void signIn(event)}>
        <Title>Sign in</Title>
        <Choice legend="What you have" options={kinds} chosen={kind} onChoose={setKind} />
        {kind === 'api' && (
          <label>
            Namespace
            <input name="namespace" required autocomplete="off" spellcheck={false} />
          </label>
        )}
        <label>
          {kinds[kind]}
          <input name="key" type="password" required autocomplete="off" />
        </label>
        <Fault>{fault}</Fault>
        <button type="submit" class="primary" disabled={busy}>
          Sign in
        </button>
        <p class="hint">The key stays in this tab and is forgotten with it.</p>
      </form>
    </main>
  )
}

/** Throws when the key opens nothing, TypeError when it cannot be one. */
async function tryOut({ opened, masterKey = '' }: Session): Promise<void> {
  if (opened) await poolOf(opened, () => {}).stats()
  else await adminOf(masterKey, () => {}).namespaces()
}
