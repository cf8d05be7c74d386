import type { Stats } from '../client/index.ts'
import { count, percent } from './words.ts'

const radius = 42
const length = 2 * Math.PI * radius

/** How much of a pool is gone, as a picture and in numbers. */
export function Overview({ stats: { total, matched, available } }: { stats: Stats }) {
  const gone = percent(matched, total)
  return (
    <section class="card overview" aria-label="Overview">
      <Ring gone={gone} share={total === 0 ? 0 : matched / total} />
      <dl class="figures">
        <div class="main">
          <dt>Left</dt>
          <dd>{count(available)}</dd>
        </div>
        <div>
          <dt>Handed out</dt>
          <dd>{count(matched)}</dd>
        </div>
        <div>
          <dt>Total</dt>
          <dd>{count(total)}</dd>
        </div>
      </dl>
      {total > 0 && available === 0 && (
        <p class="note">All codes are handed out. Whoever asks now gets none.</p>
      )}
    </section>
  )
}

function Ring({ gone, share }: { gone: number; share: number }) {
  return (
    <svg class="ring" viewBox="0 0 100 100" role="img" aria-label={`${gone} % handed out`}>
      <circle class="rest" cx="50" cy="50" r={radius} />
      {share > 0 && (
        <circle
          class="gone"
          cx="50"
          cy="50"
          r={radius}
          transform="rotate(-90 50 50)"
          stroke-dasharray={`${share * length} ${length}`}
        />
      )}
      <text x="50" y="51">
        {gone} %
      </text>
      <text class="small" x="50" y="65">
        handed out
      </text>
    </svg>
  )
}
