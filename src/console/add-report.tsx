import type { Imported } from '../client/index.ts'
import { codes, count } from './words.ts'

/** What became of the lines of an upload. */
export function AddReport({ report }: { report: Imported }) {
  const { added, restored, unchanged, invalid, mended, warned } = report
  return (
    <div class="report">
      <p>
        <strong>{codes(added)} added.</strong>
        {restored > 0 && ` ${count(restored)} brought back.`}
        {unchanged > 0 && ` ${count(unchanged)} already there.`}
        {mended > 0 && ` ${count(mended)} trimmed of what nobody sees.`}
        {invalid > 0 && ` ${count(invalid)} skipped:`}
      </p>
      <Lines title="Skipped lines" lines={report.errors} of={invalid} />
      {warned > 0 && <p>{count(warned)} added, but please look at them:</p>}
      <Lines title="Lines to look at" lines={report.warnings} of={warned} />
    </div>
  )
}

type LinesProps = { title: string; lines: Imported['errors']; of: number }

/** The first lines of so many. */
function Lines({ title, lines, of }: LinesProps) {
  if (of === 0) return null
  return (
    // It scrolls, so it must be within reach of the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <ul tabIndex={0} aria-label={title}>
      {lines.map(({ line, detail }) => (
        <li key={line}>
          Line {count(line)} {detail}
        </li>
      ))}
      {of > lines.length && <li>and {count(of - lines.length)} more</li>}
    </ul>
  )
}
