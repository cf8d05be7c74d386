import { useState } from 'preact/hooks'
import type { ExportType } from '../client/index.ts'
import { Card, Fault } from './parts.tsx'
import type { Pool, Status } from './pool.ts'
import { messageOf } from './problem.ts'

const formats: Record<'csv' | 'ndjson', ExportType> = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
}
type Ending = keyof typeof formats

/** Downloads the list. A plain link could not send the key. */
export function Export({ pool, namespace }: { pool: Pool; namespace: string }) {
  const [which, setWhich] = useState<Status | ''>('')
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState('')
  const download = async (ending: Ending) => {
    setBusy(true)
    setFault('')
    try {
      save(await pool.export(formats[ending], which || undefined), `${namespace}.${ending}`)
    } catch (error) {
      setFault(messageOf(error))
    }
    setBusy(false)
  }
  const button = (ending: Ending, text: string) => (
    <button type="button" disabled={busy} onClick={() => void download(ending)}>
      {text}
    </button>
  )
  return (
    <Card title="Export">
      <label>
        What
        <select
          value={which}
          onChange={({ currentTarget }) => setWhich(currentTarget.value as Status | '')}
        >
          <option value="">All</option>
          <option value="matched">Handed out</option>
          <option value="available">Left</option>
        </select>
      </label>
      <div class="buttons">
        {button('csv', 'Download CSV')}
        {button('ndjson', 'Download NDJSON')}
      </div>
      <p class="hint" role="status">
        {busy && 'Reading…'}
      </p>
      <Fault>{fault}</Fault>
    </Card>
  )
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
