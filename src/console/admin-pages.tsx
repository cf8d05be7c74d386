import { useState } from 'preact/hooks'
import type { Admin } from './admin.ts'
import { KeysPage } from './keys-page.tsx'
import { NamespacesPage } from './namespaces-page.tsx'
import { Bar } from './parts.tsx'
import type { Opened } from './session.ts'

type Props = {
  admin: Admin
  notice: string
  onOpen: (opened: Opened) => void
  onSignOut: () => void
}

/** What a master key shows: the namespaces, and the keys of each. */
export function AdminPages({ admin, notice, onOpen, onSignOut }: Props) {
  const [namespace, choose] = useState('')
  return (
    <>
      <Bar onSignOut={onSignOut}>
        {namespace && (
          <button type="button" class="quiet" onClick={() => choose('')}>
            All namespaces
          </button>
        )}
      </Bar>
      <main>
        {namespace ? (
          <KeysPage admin={admin} namespace={namespace} onOpen={onOpen} />
        ) : (
          <NamespacesPage admin={admin} notice={notice} onChoose={choose} />
        )}
      </main>
    </>
  )
}
