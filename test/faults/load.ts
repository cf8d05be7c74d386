import type { MatchAnswer } from '../support/caller.ts'
import { Connection } from '../support/connection.ts'
import type { Ledger } from './ledger.ts'

export const namespace = 'shop'

type Target = { port: number; apiKey: string; ledger: Ledger; random: () => number }

/**
 * Clients on a connection each, asking one thing after the other until `stop`, or until their connection
 * ends: mostly for new matches, some of them repeats or held first, some replacements, some changes that add, remove
 * and release. No two clients ask for one requestor. `name` tells these requestors from those of other calls.
 */
export function startLoad(target: Target, clients: number, name: string) {
  let stopped = false
  const done = Promise.all(
    Array.from({ length: clients }, async (_, n) => {
      const client = await Client.open(target, `${name}-${n}`).catch(() => undefined)
      while (client && !stopped && (await client.step()));
      client?.close()
    }),
  )
  return {
    done,
    stop: async () => {
      stopped = true
      await done
    },
  }
}

/** Asks for requestors that have asked before, once each. */
export async function askAgain(target: Target, requestors: Iterable<string>): Promise<void> {
  const rest = [...requestors].values()
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      const client = await Client.open(target, 'again')
      for (const requestor of rest) await client.match(requestor)
      client.close()
    }),
  )
}

/** Imports a batch of items, and takes it back while others ask for them, until it is told to be done. */
export async function importAndUndo(target: Target, batch: string, count: number): Promise<void> {
  const client = await Client.open(target, batch).catch(() => undefined)
  await client?.importAndUndo(batch, count)
  client?.close()
}

/** Takes a batch back, and returns how many of its items are left for anybody. */
export async function undoAgain(target: Target, batch: string): Promise<number> {
  const client = await Client.open(target, batch)
  const available = await client.undo(batch)
  client.close()
  return available
}

/** Adds new items, all of whose names begin so. */
export async function addStock(target: Target, name: string, count: number): Promise<void> {
  const client = await Client.open(target, name)
  await client.add(Array.from({ length: count }, (_, n) => `${name}-${n}`))
  client.close()
}

class Client {
  readonly #target: Target
  readonly #connection: Connection
  readonly #name: string
  readonly #mine: string[] = []
  #count = 0

  private constructor(target: Target, connection: Connection, name: string) {
    this.#target = target
    this.#connection = connection
    this.#name = name
  }

  static async open(target: Target, name: string): Promise<Client> {
    return new Client(target, await Connection.open(target.port), name)
  }

  close(): void {
    this.#connection.close()
  }

  async match(requestor: string): Promise<void> {
    const { ledger } = this.#target
    ledger.asks(requestor)
    const answer = await this.#call('POST', 'match', { requestor })
    if (answer) ledger.told(requestor, answer as MatchAnswer)
  }

  async add(items: string[]): Promise<void> {
    const { ledger } = this.#target
    const change = ledger.changes(items)
    if (await this.#call('PATCH', 'items', { add: items })) ledger.changed(items, true, change)
  }

  /** Ends early when the connection does. */
  async importAndUndo(batch: string, count: number): Promise<void> {
    try {
      const add = Array.from({ length: count }, (_, n) => `${batch}-${n}`)
      await this.#call('PATCH', 'items', { add, batch })
      await this.#call('DELETE', `batches/${batch}`)
    } catch (error) {
      if (!this.#connection.closed) throw error
    }
  }

  async undo(batch: string): Promise<number> {
    await this.#call('DELETE', `batches/${batch}`)
    const state = await this.#call('GET', `batches/${batch}`)
    return Number(Object(state).available ?? 0)
  }

  /** Does one thing; false once the connection has ended. */
  async step(): Promise<boolean> {
    const dice = this.#target.random()
    const mine = this.#mine.at(Math.floor(this.#target.random() * this.#mine.length))
    const name = `${this.#name}-${++this.#count}`
    try {
      if (mine && dice < 0.2) await this.match(mine)
      else if (mine && dice < 0.3) await this.#letGo(mine, 'release')
      else if (mine && dice < 0.34) await this.#letGo(mine, 'remove')
      else if (mine && dice < 0.38) await this.#replace(mine)
      else if (dice < 0.4) await this.add([`${name}-a`, `${name}-b`])
      else if (dice < 0.5) {
        await this.#holdAndConfirm(name)
        this.#mine.push(name)
      } else {
        await this.match(name)
        this.#mine.push(name)
      }
      return true
    } catch (error) {
      if (!this.#connection.closed)
        this.#target.ledger.refuse(`no answer to make sense of: ${error}`)
      return false
    }
  }

  /** A hold of a day outlives the test, so that whoever was told to have an item has it whatever happens. */
  async #holdAndConfirm(requestor: string): Promise<void> {
    const { ledger } = this.#target
    ledger.asks(requestor)
    const held = await this.#call('POST', 'match', { requestor, holdSeconds: 86_400 })
    if (!held) return
    ledger.told(requestor, held as MatchAnswer)
    const { item } = held as MatchAnswer
    if (item === undefined) return
    const confirmed = await this.#call('POST', 'confirm', { requestor, item })
    if (confirmed) ledger.told(requestor, confirmed as MatchAnswer)
  }

  async #replace(requestor: string): Promise<void> {
    const { ledger } = this.#target
    const item = ledger.held.get(requestor)?.item
    if (item === undefined) return this.match(requestor)
    ledger.letsGo(requestor)
    const change = ledger.changes([item])
    this.#mine.splice(this.#mine.indexOf(requestor), 1)
    const answer = await this.#call('POST', 'match', { requestor, replace: item })
    if (!answer) return
    this.#mine.push(requestor)
    ledger.hasLetGo(requestor)
    const { success } = answer as MatchAnswer
    if (success) ledger.told(requestor, answer as MatchAnswer)
    ledger.changed([item], !success, change)
  }

  async #letGo(requestor: string, how: 'release' | 'remove'): Promise<void> {
    const { ledger } = this.#target
    const item = ledger.held.get(requestor)?.item
    if (item === undefined) return this.match(requestor)
    ledger.letsGo(requestor)
    const change = ledger.changes([item])
    // Without an answer it may yet be made, so this requestor is left alone from now on.
    this.#mine.splice(this.#mine.indexOf(requestor), 1)
    if (!(await this.#call('PATCH', 'items', { [how]: [item] }))) return
    this.#mine.push(requestor)
    ledger.hasLetGo(requestor)
    ledger.changed([item], how === 'release', change)
  }

  /** What a call was answered with 200, or undefined for an honest 503. Throws when the connection ends. */
  async #call(method: string, path: string, body?: object): Promise<object | undefined> {
    const { ledger } = this.#target
    const askedMs = performance.now()
    const {
      status,
      head,
      body: answer,
    } = await this.#connection.request(
      method,
      `/namespaces/${namespace}/${path}`,
      { 'x-api-key': this.#target.apiKey },
      body && JSON.stringify(body),
    )
    ledger.slowestMs = Math.max(ledger.slowestMs, performance.now() - askedMs)
    if (status === 200) return JSON.parse(answer)
    // The change that makes the batch was cut off.
    if (status === 404 && path.startsWith('batches/')) return undefined
    ledger.unavailable++
    const honest = status === 503 && JSON.parse(answer).code === 'unavailable'
    if (!honest || !/^retry-after: *\d/im.test(head)) ledger.refuse(`${head}${answer}`)
    return undefined
  }
}
