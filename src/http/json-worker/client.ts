import { ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import type { BodyName } from '../bodies/bodies.ts'
import { CheckedList, RefusedBody } from '../bodies/stand-ins.ts'
import type { Message, Outcome, Reply } from './messages.ts'

type Reading = Message & { resolve: (reply: Reply) => void; reject: (error: ZaasError) => void }

/**
 * Reads large JSON bodies one at a time, in a thread of its own that starts with the first body. If the thread
 * crashes, or a body takes longer than `maxMs` including its wait, only the request of that body fails.
 */
export class JsonWorker {
  readonly #clock: () => Date
  readonly #maxMs: number
  readonly #script: string
  readonly #waiting: Reading[] = []
  #worker: Worker | undefined
  #running: Reading | undefined

  constructor(clock: () => Date, maxMs: number = limits.http.jsonWorkerMs, script = workerScript) {
    this.#clock = clock
    this.#maxMs = maxMs
    this.#script = script
  }

  /**
   * Returns a body for Elysia to validate: a valid one with each list as a CheckedList, or a RefusedBody. Transfers
   * the chunks, which are empty afterwards. Throws `malformed_body` if it is not JSON, and `unavailable`.
   */
  async read(name: BodyName, pieces: ArrayBuffer[]): Promise<unknown> {
    const [json, ...texts] = await this.#replyTo({ name, pieces, now: this.#clock().getTime() })
    const outcome: Outcome = JSON.parse(json)
    if (outcome.kind === 'malformed')
      throw new ZaasError('malformed_body', `The body ${outcome.fault}.`)
    if (outcome.kind === 'invalid') return new RefusedBody(outcome.errors)
    const lists = outcome.lists.map(({ name: list, count, uncleanBatches }) => {
      const [text = '[]', ...unclean] = texts.splice(0, 1 + uncleanBatches)
      return [list, new CheckedList({ json: text, count }, unclean)]
    })
    return { ...outcome.body, ...Object.fromEntries(lists) }
  }

  async #replyTo(message: Message): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>()
    const reading = { ...message, resolve, reject }
    this.#waiting.push(reading)
    const overdue = setTimeout(() => this.#giveUp(reading), this.#maxMs)
    this.#next()
    return promise.finally(() => clearTimeout(overdue))
  }

  #next(): void {
    if (this.#running) return
    this.#running = this.#waiting.shift()
    if (!this.#running) return
    const { name, pieces, now } = this.#running
    this.#worker ??= this.#start()
    this.#worker.postMessage({ name, pieces, now }, pieces)
  }

  #start(): Worker {
    const worker = new Worker(this.#script)
    worker.unref()
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      this.#running?.resolve(data)
      this.#running = undefined
      this.#next()
    }
    worker.onerror = (event) => {
      event.preventDefault()
      this.#restart(new ZaasError('unavailable', failed, { cause: new Error(event.message) }))
    }
    return worker
  }

  #giveUp(reading: Reading): void {
    const error = new ZaasError('unavailable', 'Reading the body takes too long.')
    if (this.#running === reading) this.#restart(error)
    else this.#waiting.splice(this.#waiting.indexOf(reading), 1)
    reading.reject(error)
  }

  /** Fails the body that is being read. The others are read by a new thread. */
  #restart(error: ZaasError): void {
    const worker = this.#worker
    if (worker) {
      worker.onmessage = null
      worker.onerror = null
      worker.terminate()
    }
    this.#worker = undefined
    this.#running?.reject(error)
    this.#running = undefined
    this.#next()
  }
}

const failed = 'The body could not be read here; it has been logged.'
const workerScript = new URL('./json-worker.ts', import.meta.url).href
