import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Fault } from './parts.tsx'
import { messageOf } from './problem.ts'

type Props = {
  title: string
  action: string
  children: ComponentChildren
  onConfirm: () => Promise<void>
  onClose: () => void
}

/** Asks before something is done that cannot be taken back, and stays open when it fails. */
export function Confirm({ title, action, children, onConfirm, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState('')
  const id = useId()
  // At once, not after the next paint: an Escape before the dialog is open would be lost.
  useLayoutEffect(() => dialog.current?.showModal(), [])
  const confirm = async () => {
    setBusy(true)
    try {
      await onConfirm()
      dialog.current?.close()
    } catch (error) {
      setFault(messageOf(error))
      setBusy(false)
    }
  }
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
      <Fault>{fault}</Fault>
      <div class="buttons">
        <button type="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button type="button" class="danger" disabled={busy} onClick={() => void confirm()}>
          {action}
        </button>
      </div>
    </dialog>
  )
}
