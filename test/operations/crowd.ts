import { Connection } from '../support/connection.ts'
import { at } from '../support/instances.ts'
import type { Server } from '../support/server.ts'

/** What the answers were: how many of each status, the slowest, and any that is not as promised. */
export type Answers = { ok: number; unavailable: number; slowestMs: number; wrong: string[] }

type Call = { method: string; path: string; body: (n: number) => string; pauseMs: number }

const connectionsOpenedAtOnce = 100

/** Many connections on which clients ask, one thing after the other, as fast as they are answered. */
export class Crowd {
  answers: Answers = nothing()
  readonly #connections: Connection[]
  readonly #apiKey: string
  #asked = 0

  private constructor(connections: Connection[], apiKey: string) {
    this.#connections = connections
    this.#apiKey = apiKey
  }

  static async of(size: number, { port }: Server, apiKey: string): Promise<Crowd> {
    const connections: Connection[] = []
    while (connections.length < size) {
      const opening = Array.from({ length: connectionsOpenedAtOnce }, () => Connection.open(port))
      connections.push(...(await Promise.all(opening)))
    }
    return new Crowd(connections.slice(0, size), apiKey)
  }

  /**
   * What is answered while `meanwhile` runs and to the last that was asked by then. Each client makes one
   * of the calls, again and again; after a 503 it pauses.
   */
  async during(calls: readonly Call[], meanwhile: () => Promise<void>): Promise<Answers> {
    this.answers = nothing()
    let over = false
    const asking = this.#connections.map(async (connection, client) => {
      const call = at(calls, client)
      while (!over) {
        const { ok } = await this.#ask(connection, call, this.#asked++)
        if (!ok && call.pauseMs > 0) await Bun.sleep(call.pauseMs)
      }
    })
    await meanwhile()
    over = true
    await Promise.all(asking)
    return this.answers
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }

  async #ask(connection: Connection, { method, path, body }: Call, n: number) {
    const headers = { 'x-api-key': this.#apiKey }
    const startedMs = performance.now()
    const { status, head } = await connection.request(method, path, headers, body(n))
    const { answers } = this
    const tookMs = Math.round(performance.now() - startedMs)
    answers.slowestMs = Math.max(answers.slowestMs, tookMs)
    if (status === 200) answers.ok++
    else if (status === 503 && /^retry-after: \d+/im.test(head)) answers.unavailable++
    else answers.wrong.push(head)
    return { ok: status === 200 }
  }
}

const nothing = (): Answers => ({ ok: 0, unavailable: 0, slowestMs: 0, wrong: [] })
