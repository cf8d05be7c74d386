/** A namespace that is looked into; `keyId` names a key that was made for that with a master key. */
export type Opened = { namespace: string; apiKey: string; keyId?: string }

/** Who is signed in: with a key for one namespace, a master key, or both after opening one with it. */
export type Session = { masterKey?: string; opened?: Opened }

const name = 'zaas-session'

/** The session of this tab; the browser forgets it with the tab. */
export function readSession(): Session {
  return JSON.parse(sessionStorage.getItem(name) ?? '{}')
}

export function keepSession(session: Session): void {
  sessionStorage.setItem(name, JSON.stringify(session))
}
