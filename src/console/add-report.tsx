import type { Imported } from '../client/index.ts'
import { codes, count } from './words.ts'

/** What became of the lines of an upload. */
export function AddReport({ report }: { report: Imported }) {
  const { added, restored, unchanged, invalid, errors } = report
  return (
    <div class="report">
      <p>
        <strong>{codes(added)} added.</strong>
        {restored > 0 && ` ${count(restored)} brought back.`}
        {unchanged > 0 && ` ${count(unchanged)} already there.`}
        {invalid > 0 && ` ${count(invalid)} skipped:`}
      </p>
      {invalid > 0 && (
        // It scrolls, so it must be within reach of the keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        <ul tabIndex={0} aria-label="Skipped lines">
          {errors.map(({ line, detail }) => (
            <li key={line}>
              Line {count(line)} {detail}
            </li>
          ))}
          {invalid > errors.length && <li>and {count(invalid - errors.length)} more</li>}
        </ul>
      )}
    </div>
  )
}
