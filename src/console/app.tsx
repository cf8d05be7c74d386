import { useMemo, useState } from 'preact/hooks'
import { adminOf } from './admin.ts'
import { AdminPages } from './admin-pages.tsx'
import { PoolPage } from './pool-page.tsx'
import type { Problem } from './problem.ts'
import { keepSession, readSession, type Session } from './session.ts'
import { SignIn } from './sign-in.tsx'

/** The page that fits who is signed in. A key that is refused leads back to where one can be given. */
export function App() {
  const [session, setSession] = useState(readSession)
  const [notice, setNotice] = useState('')
  const enter = (next: Session, said = '') => {
    keepSession(next)
    setNotice(said)
    setSession(next)
  }
  const { masterKey, opened } = session
  const upper: Session = masterKey === undefined ? {} : { masterKey }
  const admin = useMemo(
    () => masterKey && adminOf(masterKey, (problem) => enter({}, problem.message)),
    [masterKey],
  )
  const shut = async () => {
    // What was made for a look is not needed behind it; if this fails, it expires by itself.
    if (admin && opened?.keyId) await admin.revoke(opened.keyId).catch(() => {})
  }
  if (opened) {
    return (
      <PoolPage
        key={opened.apiKey}
        opened={opened}
        onRefused={(problem: Problem) => enter(upper, problem.message)}
        onBack={admin && (() => void shut().then(() => enter(upper)))}
        onSignOut={() => void shut().then(() => enter({}))}
      />
    )
  }
  if (admin) {
    return (
      <AdminPages
        admin={admin}
        notice={notice}
        onOpen={(made) => enter({ ...upper, opened: made })}
        onSignOut={() => enter({})}
      />
    )
  }
  return <SignIn notice={notice} onSignIn={(next) => enter(next)} />
}
