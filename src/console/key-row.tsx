import type { Key } from '../client/index.ts'
import { Moment } from './parts.tsx'
import { moment } from './words.ts'

/** A key as far as it may be seen. */
export function KeyRow({ apiKey: key, onRevoke }: { apiKey: Key; onRevoke: () => void }) {
  const expired = key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.now()
  return (
    <li>
      <div class="what">
        <span>
          <bdi>{key.name ?? 'Unnamed'}</bdi> <span class="code">{key.apiKey}</span>
        </span>
        <span class="who">
          {key.scopes.join(', ')}
          {key.expiresAt && (
            <>
              {expired ? ' · expired ' : ' · expires '}
              <Moment at={key.expiresAt} text={moment(key.expiresAt)} />
            </>
          )}
          {key.lastUsedAt ? (
            <>
              {' · used '}
              <Moment at={key.lastUsedAt} text={moment(key.lastUsedAt)} />
            </>
          ) : (
            ' · never used'
          )}
        </span>
      </div>
      <div class="acts">
        <button
          type="button"
          class="quiet"
          aria-label={`Revoke ${key.name ?? 'Unnamed'} ${key.apiKey}`}
          onClick={onRevoke}
        >
          Revoke
        </button>
      </div>
    </li>
  )
}
