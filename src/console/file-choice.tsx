import { useEffect, useRef, useState } from 'preact/hooks'
import type { ImportType } from '../client/index.ts'
import { size } from './words.ts'

/** What is to be added, and what it is. */
export type Chosen = { file: Blob; type: ImportType }
type Looked = Chosen & { name: string; beginning: string }

const previewBytes = 4_096
const previewLines = 4
const types: Record<string, ImportType> = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
}

/** Takes a file by drop or choice, and shows how it begins before any of it is added, by `onAdd`. */
export function FileChoice({ onAdd }: { onAdd: (chosen: Chosen) => Promise<boolean> }) {
  const [looked, setLooked] = useState<Looked>()
  const place = useRef<HTMLDivElement>(null)
  const show = (next: Looked | undefined) => {
    setLooked(next)
    place.current?.focus()
  }
  const add = async (chosen: Looked) => {
    if (await onAdd(chosen)) setLooked(undefined)
  }
  return (
    <div ref={place} tabIndex={-1}>
      {looked ? (
        <Preview {...looked} onAdd={() => void add(looked)} onCancel={() => show(undefined)} />
      ) : (
        <Drop onFile={(file) => void beginningOf(file).then(show)} />
      )}
    </div>
  )
}

type PreviewProps = Looked & { onAdd: () => void; onCancel: () => void }

function Preview({ name, file, beginning, onAdd, onCancel }: PreviewProps) {
  return (
    <div class="file">
      <p>
        <strong>{name}</strong> <span class="hint">{size(file.size)}, begins with</span>
      </p>
      <pre>{beginning}</pre>
      <div class="buttons">
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="button" class="primary" onClick={onAdd}>
          Add this file
        </button>
      </div>
    </div>
  )
}

function Drop({ onFile }: { onFile: (file: File) => void }) {
  const [over, setOver] = useState(false)
  const box = useRef<HTMLLabelElement>(null)
  const look = (file: File | undefined) => file && onFile(file)
  // The box is small and the card around it is not, so a file may be dropped anywhere on the card.
  useEffect(() => {
    const until = new AbortController()
    const card = box.current?.closest<HTMLElement>('.card')
    const hovers = (over: boolean) => () => setOver(over)
    card?.addEventListener('dragover', hovers(true), until)
    card?.addEventListener('dragleave', hovers(false), until)
    card?.addEventListener(
      'drop',
      (event) => {
        setOver(false)
        look(event.dataTransfer?.files[0])
      },
      until,
    )
    return () => until.abort()
  }, [])
  return (
    <label ref={box} class={over ? 'drop over' : 'drop'}>
      <input
        type="file"
        class="unseen"
        accept=".csv,.txt,.ndjson,.jsonl"
        onChange={({ currentTarget }) => look(currentTarget.files?.[0])}
      />
      <span>
        Drop a file here, or <u>choose one</u>
      </span>
      <span class="hint">
        CSV with a heading such as “code” or “item”. Text: a code a line. Also NDJSON.
      </span>
    </label>
  )
}

async function beginningOf(file: File): Promise<Looked> {
  const text = await file.slice(0, previewBytes).text()
  const ending = file.name.split('.').at(-1)?.toLowerCase() ?? ''
  return {
    file,
    name: file.name,
    type: types[ending] ?? 'text/plain',
    beginning: text.split('\n').slice(0, previewLines).join('\n').trimEnd(),
  }
}
