import { useState } from 'preact/hooks'
import { codes } from './words.ts'

/** A code a line; `onAdd` tells whether they need no second try. Says how many there are, and what would become part of one by mistake. */
export function PasteBox({ onAdd }: { onAdd: (text: string) => Promise<boolean> }) {
  const [text, setText] = useState('')
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  const spaced = lines.filter((line) => line !== line.trim()).length
  const add = async (event: Event) => {
    event.preventDefault()
    if (await onAdd(text)) setText('')
  }
  return (
    <form class="paste" onSubmit={(event) => void add(event)}>
      <label>
        Paste codes, one a line
        <textarea
          rows={4}
          required
          spellcheck={false}
          autocomplete="off"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      {spaced > 0 && (
        <p class="note">{codes(spaced)} with a space at an end, which counts as part of it.</p>
      )}
      <button type="submit" class="primary" disabled={lines.length === 0}>
        {lines.length === 0 ? 'Add codes' : `Add ${codes(lines.length)}`}
      </button>
    </form>
  )
}
