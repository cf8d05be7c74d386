import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { CreatedKey } from '../client/index.ts'

/** A new key, whole: nobody can show it again. */
export function MadeKey({ made, onDone }: { made: CreatedKey; onDone: () => void }) {
  const field = useRef<HTMLTextAreaElement>(null)
  const [said, say] = useState('')
  useLayoutEffect(() => field.current?.select(), [])
  const copy = async () => {
    field.current?.select()
    say((await copied(made.apiKey)) ? 'Copied.' : 'It is selected: copy it with the keyboard.')
  }
  return (
    <div class="made">
      <p>
        <strong>Copy the key for {made.namespace} now.</strong> It is not shown again.
      </p>
      <label>
        API key
        <textarea ref={field} class="code" rows={2} readOnly value={made.apiKey} />
      </label>
      <div class="buttons">
        <button type="button" class="primary" onClick={() => void copy()}>
          Copy
        </button>
        <button type="button" onClick={onDone}>
          Done
        </button>
      </div>
      <p class="hint" role="status">
        {said}
      </p>
    </div>
  )
}

/** Without HTTPS a browser has no clipboard for pages, except for those of its own machine. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
