import { useMemo, useState } from 'preact/hooks'
import { adminOf } from './admin.ts'
import { AdminPages } from './admin-pages.tsx'
import { PoolPage } from './pool-page.tsx'
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
    () => masterKey && adminOf(masterKey, (message) => enter({}, message)),
    [masterKey],
  )
  const leave = (next: Session) => {
    enter(next)
    // What was made for a look is not needed behind it; if this fails, it expires by itself.
    if (admin && opened?.keyId) void admin.revoke(opened.keyId).catch(() => {})
  }
  if (opened) {
    return (
      <PoolPage
        key={opened.apiKey}
        opened={opened}
        onRefused={(message) => enter(upper, admin ? `${opened.namespace}: ${message}` : message)}
        onBack={admin && (() => leave(upper))}
        onSignOut={() => leave({})}
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
