import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Item } from '../client/index.ts'
import { CodeRows } from './code-rows.tsx'
import { Exact } from './exact.tsx'
import { Card, Choice, Fault } from './parts.tsx'
import type { Pool, Status } from './pool.ts'
import { messageOf } from './problem.ts'
import { codes as codesInWords } from './words.ts'

type Props = {
  pool: Pool
  status: Status
  onStatus: (status: Status) => void
  total: number
  /** Those of this status, unless they are still to come. */
  codes: Item[] | undefined
  onChange: (said: ComponentChildren) => void
  /** What goes below the codes. */
  children: ComponentChildren
}
type Found = { text: string; codes: Item[] }

const lists = { matched: 'Latest matches', available: 'Next to go' }
const none = {
  matched: 'Nobody has got a code yet.',
  available: 'All codes are handed out.',
}

/** Search, the latest matches and what goes out next. */
export function CodeLists({ pool, status, onStatus, total, codes, children, onChange }: Props) {
  const [found, setFound] = useState<Found>()
  const changed = async (said: ComponentChildren) => {
    onChange(said)
    if (!found) return
    const codes = await pool.find(found.text).catch(() => found.codes)
    setFound({ ...found, codes })
  }
  const rows = (list: Item[]) => <CodeRows codes={list} pool={pool} onChange={changed} />
  return (
    <div class="lists">
      <Card title="Find a code">
        <Search pool={pool} onFound={setFound} />
        <p class="hint" role="status">
          {found && resultOf(found)}
        </p>
        {found && rows(found.codes)}
      </Card>
      <Card title="Codes">
        <Choice legend="Which codes" options={lists} chosen={status} onChoose={onStatus} />
        {codes?.length === 0 && (
          <p class="empty">
            {total === 0 ? 'No codes yet: paste some, or drop a file.' : none[status]}
          </p>
        )}
        {codes && codes.length > 0 && rows(codes)}
        {children}
      </Card>
    </div>
  )
}

const resultOf = ({ text, codes }: Found) =>
  codes.length === 0 ? (
    <>
      Neither a code nor a requestor reads exactly “<Exact>{text}</Exact>”.
    </>
  ) : (
    <>
      {codesInWords(codes.length)} for “<Exact>{text}</Exact>”
    </>
  )

type SearchProps = { pool: Pool; onFound: (found: Found | undefined) => void }

function Search({ pool, onFound }: SearchProps) {
  const [text, setText] = useState('')
  const [fault, setFault] = useState('')
  const search = async (event: Event) => {
    event.preventDefault()
    setFault('')
    try {
      onFound({ text, codes: await pool.find(text) })
    } catch (error) {
      setFault(messageOf(error))
    }
  }
  return (
    <form class="search" onSubmit={(event) => void search(event)}>
      <label class="unseen" for="search">
        Code or requestor
      </label>
      <input
        id="search"
        type="search"
        required
        placeholder="Code or requestor"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value)
          onFound(undefined)
        }}
      />
      <button type="submit">Search</button>
      <Fault>{fault}</Fault>
    </form>
  )
}
