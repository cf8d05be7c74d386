import { createHash, timingSafeEqual } from 'node:crypto'
import type { Actor } from './actor.ts'

type Known = { digest: Buffer; actor: Actor }

const fingerprintBytes = 4

/** The master keys, which can be replaced while the process runs. Only their digests are kept. */
export class MasterKeys {
  #known: readonly Known[]

  constructor(keys: readonly string[]) {
    this.#known = keys.map(known)
  }

  /** From now on these keys open `/admin`, and no others. */
  replace(keys: readonly string[]): void {
    this.#known = keys.map(known)
  }

  /** Who presents this key, or undefined when it is none of them. Takes as long for any key. */
  find(presented: string): Actor | undefined {
    const digest = sha256(presented)
    const [found] = this.#known.filter((each) => timingSafeEqual(each.digest, digest))
    return found?.actor
  }

  includes(key: string): boolean {
    return this.find(key) !== undefined
  }
}

function known(key: string): Known {
  const digest = sha256(key)
  return { digest, actor: `master_${digest.toString('hex', 0, fingerprintBytes)}` }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
