import { useRef, useState } from 'preact/hooks'
import type { Imported } from '../client/index.ts'
import { AddReport } from './add-report.tsx'
import { type Chosen, FileChoice } from './file-choice.tsx'
import { Card, Fault } from './parts.tsx'
import { PasteBox } from './paste-box.tsx'
import type { Pool } from './pool.ts'
import { messageOf } from './problem.ts'
import { size } from './words.ts'

type Sending = { sent: number; of: number; stop: () => void }

const stopped = 'Stopped. Some codes may have been added; adding the file again adds the rest.'

/** Adds codes that are pasted, or those of a file, and tells what came of it. */
export function AddCodes({ pool, onAdded }: { pool: Pool; onAdded: () => void }) {
  const [sending, setSending] = useState<Sending>()
  const [report, setReport] = useState<Imported>()
  const [fault, setFault] = useState('')
  const heading = useRef<HTMLDivElement>(null)
  const add = async ({ file, type }: Chosen) => {
    const abort = new AbortController()
    const began = { sent: 0, of: file.size, stop: () => abort.abort() }
    setSending(began)
    setReport(undefined)
    setFault('')
    let added = false
    try {
      const onSent = (bytes: number) => setSending({ ...began, sent: Math.min(bytes, file.size) })
      setReport(await pool.add(file, type, { onSent, signal: abort.signal }))
      added = true
    } catch (error) {
      setFault(abort.signal.aborted ? stopped : messageOf(error))
    }
    setSending(undefined)
    heading.current?.focus()
    onAdded()
    return added
  }
  return (
    <Card title="Add codes" class="add">
      <div ref={heading} tabIndex={-1} role="status">
        {sending && <Progress {...sending} />}
        {report && <AddReport report={report} />}
      </div>
      <Fault>{fault}</Fault>
      <div class="ways" hidden={sending !== undefined}>
        <PasteBox onAdd={(text) => add({ file: new Blob([text]), type: 'text/plain' })} />
        <FileChoice onAdd={add} />
      </div>
    </Card>
  )
}

function Progress({ sent, of, stop }: Sending) {
  return (
    <div class="progress">
      <progress aria-label="Upload" max={of} value={sent} />
      <p class="hint">{sent < of ? `${size(sent)} of ${size(of)} sent` : 'Adding…'}</p>
      <button type="button" class="quiet" onClick={stop}>
        Stop
      </button>
    </div>
  )
}
