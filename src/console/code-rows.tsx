import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Item } from '../client/index.ts'
import { Confirm } from './confirm.tsx'
import { Exact } from './exact.tsx'
import { Moment } from './parts.tsx'
import type { Pool } from './pool.ts'
import { moment } from './words.ts'

type Props = { codes: Item[]; pool: Pool; onChange: (said: ComponentChildren) => void }
type Asked = { code: Item; act: 'release' | 'remove' }

/** Codes with who has them, and what can be done with each. */
export function CodeRows({ codes, pool, onChange }: Props) {
  const [asked, ask] = useState<Asked>()
  const list = useRef<HTMLUListElement>(null)
  const confirmed = async ({ code, act }: Asked) => {
    const { released, removed } = await pool[act](code.item)
    if (released + removed === 0) return onChange('Nothing to do: someone was faster.')
    const verb = act === 'release' ? 'Released' : 'Removed'
    onChange(
      <>
        {verb} <Exact>{code.item}</Exact>.
      </>,
    )
  }
  const close = () => {
    ask(undefined)
    // The row, and the button in it, may be gone by now.
    list.current?.focus()
  }
  return (
    <>
      <ul class="rows" ref={list} tabIndex={-1} aria-label="Codes">
        {codes.map((code) => (
          <Row key={code.item} code={code} onAsk={(act) => ask({ code, act })} />
        ))}
      </ul>
      {asked && <Question {...asked} onConfirm={() => confirmed(asked)} onClose={close} />}
    </>
  )
}

function Row({ code, onAsk }: { code: Item; onAsk: (act: Asked['act']) => void }) {
  const { item, requestor, matchedAt, createdAt } = code
  const button = (act: Asked['act'], text: string) => (
    <button type="button" class="quiet" aria-label={`${text} ${item}`} onClick={() => onAsk(act)}>
      {text}
    </button>
  )
  return (
    <li>
      <div class="what">
        <Exact code>{item}</Exact>
        {requestor !== null && matchedAt !== null ? (
          <span class="who">
            to <Exact>{requestor}</Exact> · <Moment at={matchedAt} text={moment(matchedAt)} />
          </span>
        ) : (
          <span class="who">
            waiting, added <Moment at={createdAt} text={moment(createdAt)} />
          </span>
        )}
      </div>
      <div class="acts">
        {requestor !== null && button('release', 'Release')}
        {button('remove', 'Remove')}
      </div>
    </li>
  )
}

type QuestionProps = Asked & { onConfirm: () => Promise<void>; onClose: () => void }

function Question({ code: { item, requestor }, act, ...on }: QuestionProps) {
  const code = <Exact code>{item}</Exact>
  const holder = requestor !== null && <Exact>{requestor}</Exact>
  if (act === 'release') {
    return (
      <Confirm title="Release this code?" action="Release" {...on}>
        <p>
          {code} goes to the end of the queue and will be given to someone else, though {holder} has
          seen it. When {holder} asks again, they get another code.
        </p>
        <p>Release only what has not been used.</p>
      </Confirm>
    )
  }
  return (
    <Confirm title="Remove this code?" action="Remove" {...on}>
      <p>
        {code} is not given to anyone any more.{' '}
        {holder && <>When {holder} asks again, they get another code.</>}
      </p>
      <p>Adding it again brings it back as it was.</p>
    </Confirm>
  )
}
