// API keys: their types, and how a key is generated, hashed and masked.

import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

export const scopes = ['match', 'read', 'write', 'manage'] as const
export type Scope = (typeof scopes)[number]
/** Those of a key for which none are asked: settings are for whoever is let change them. */
export const defaultScopes = ['match', 'read', 'write'] as const satisfies readonly Scope[]

/** Identifies one binding of a key. No key begins with `key_`, so an id is never mistaken for a key. */
export type ApiKeyId = `key_${string}`

/** The binding of a key to one namespace, as callers may see it. Times are Unix milliseconds. */
export type ApiKey = {
  id: ApiKeyId
  /** Masked, except in the answer that creates the binding. */
  apiKey: string
  namespace: string
  name: string | null
  scopes: Scope[]
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
}

/** A binding to create; `apiKey` is unmasked, and the caller generates `id`. */
export type NewApiKey = Pick<ApiKey, 'id' | 'namespace' | 'name' | 'expiresAt'> & {
  apiKey: string
  scopes: readonly Scope[]
}

export type ApiKeyFilter = {
  namespace?: string | undefined
  /** Lists the bindings of one key only, given by its digest (`digestOf`). */
  digest?: string | undefined
  /** Keyset pagination: the id of the last binding before the page, which may have been deleted since. */
  after?: string | undefined
  /** No limit when undefined. */
  limit?: number | undefined
}

/** All bindings of a key, or the one with an id; `namespace` narrows them further. */
export type ApiKeyBindings = { idOrKey: string; namespace: string | undefined }

/** The only form in which a key is stored. Generated keys are random enough to need neither salt nor stretching. */
export const digestOf = (apiKey: string) => createHash('sha256').update(apiKey).digest('hex')

/**
 * Generates a key of 38 characters: `zaas_`, 160 random bits and their CRC-32, both in base62. The checksum
 * lets secret scanners recognise a key.
 */
export function makeApiKey(random = randomBytes(20)): string {
  const secret = toBase62(BigInt(`0x${random.toString('hex')}`), 27)
  return `zaas_${secret}${toBase62(BigInt(crc32(secret)), 6)}`
}

/** Shows at most a quarter of a key, so that a short key chosen by the caller is not given away. */
export const maskApiKey = (apiKey: string) =>
  `${apiKey.slice(0, Math.min(9, Math.floor(apiKey.length / 4)))}…`

const base62Digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function toBase62(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; rest > 0n; rest /= 62n)
    text = base62Digits.charAt(Number(rest % 62n)) + text
  return text.padStart(length, '0')
}
