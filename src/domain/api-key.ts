import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

export const scopes = ['match', 'read', 'write'] as const
export type Scope = (typeof scopes)[number]

/** Begins each id of a key, and no key. */
export type ApiKeyId = `key_${string}`

/** A key as callers may see it: one for each namespace that it opens. Times are Unix milliseconds. */
export type ApiKey = {
  id: ApiKeyId
  /** Masked, but for the answer that makes the key. */
  apiKey: string
  namespace: string
  name: string | null
  scopes: Scope[]
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
}

/** A whole key to bind to a namespace; `id` is made by the caller. */
export type NewApiKey = Pick<ApiKey, 'id' | 'namespace' | 'name' | 'expiresAt'> & {
  apiKey: string
  scopes: readonly Scope[]
}

export type ApiKeyFilter = {
  namespace?: string | undefined
  /** Narrows the keys to the bindings of one: what `digestOf` makes of it. */
  digest?: string | undefined
  /** The id of the key behind which a page begins, deleted or not. */
  after?: string | undefined
  /** Without it all of them. */
  limit?: number | undefined
}

/** Which bindings of a key, given itself or by its id; `namespace` limits it to one. */
export type ApiKeyBindings = { idOrKey: string; namespace: string | undefined }

/** What is kept of a key. A made key is random enough for a plain digest to hide it for good. */
export const digestOf = (apiKey: string) => createHash('sha256').update(apiKey).digest('hex')

/** `zaas_`, 160 random bits and their CRC-32, both in base62: 38 characters that a scanner can check. */
export function makeApiKey(random = randomBytes(20)): string {
  const secret = base62(BigInt(`0x${random.toString('hex')}`), 27)
  return `zaas_${secret}${base62(BigInt(crc32(secret)), 6)}`
}

/** At most a quarter of the key, so that a short one that the caller chose is not given away. */
export const masked = (apiKey: string) =>
  `${apiKey.slice(0, Math.min(9, Math.floor(apiKey.length / 4)))}…`

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function base62(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; rest > 0n; rest /= 62n) text = digits.charAt(Number(rest % 62n)) + text
  return text.padStart(length, '0')
}
