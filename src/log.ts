import { write, writeSync } from 'node:fs'
import pino, { type Logger } from 'pino'
import { limits } from './limits.ts'

const { flushMs, blockBytes, backlogBytes, busyPauseMs } = limits.log
const { flushLogMs } = limits.shutdown
const standardOutput = 1
const newline = 10

/**
 * Logs JSON lines to standard output, passed through `format` if there is one. Lines are written asynchronously
 * and in blocks, after `flushMs` at the latest. A line is dropped and counted if it cannot be written, or if
 * `backlogBytes` wait for a reader that stalls; `close` drops what cannot be flushed within `flushLogMs`.
 */
export function createLog(level: string, format?: (line: string) => string) {
  const out = new LineWriter(standardOutput)
  const stream = { write: (line: string) => out.write(format ? format(line) : line) }
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  const log = pino({ ...options, serializers: { err: errorForLog } }, stream)
  const logRequest = requestLog(log, stream)
  return { log, logRequest, droppedLines: () => out.dropped, close: () => out.close() }
}

/**
 * Logs a line for a request as `log.info(line, 'request')` would. There is one for each request, and pino takes
 * three times as long for it on Bun: it makes JSON of each name and value by itself.
 */
export const requestLog =
  (log: Logger, stream: { write: (line: string) => void }): LogRequest =>
  (line) => {
    if (!log.isLevelEnabled('info')) return
    const time = new Date().toISOString()
    stream.write(`${JSON.stringify({ level: infoLevel, time, ...line, msg: 'request' })}\n`)
  }
export type LogRequest = (line: object) => void
const infoLevel = pino.levels.values['info']

/**
 * Why not pino's own destination: it retries a block that a full disk or a closed terminal refuses without end,
 * and also while the process exits, which it then never does.
 */
class LineWriter {
  dropped = 0
  readonly #fd: number
  readonly #timer: NodeJS.Timeout
  #lines: string[] = []
  #waitingBytes = 0
  #writing: Promise<void> | undefined
  /** Whether the last block ended within a line. */
  #torn = false
  readonly #atExit = () => this.#writeAtExit()

  constructor(fd: number) {
    this.#fd = fd
    this.#timer = setInterval(() => this.#flush(), flushMs).unref()
    process.once('exit', this.#atExit)
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line)
    if (this.#waitingBytes + bytes > backlogBytes) {
      this.dropped++
      return
    }
    this.#lines.push(line)
    this.#waitingBytes += bytes
    if (this.#waitingBytes >= blockBytes) this.#flush()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.race([this.#drain(), Bun.sleep(flushLogMs)])
    // Otherwise the rest would be written at exit, which would block until it is read.
    process.off('exit', this.#atExit)
  }

  async #drain(): Promise<void> {
    while (this.#writing || this.#lines.length > 0) {
      this.#flush()
      await this.#writing
    }
  }

  #flush(): void {
    if (this.#writing || this.#lines.length === 0) return
    this.#writing = this.#writeBlock(this.#takeBlock()).finally(() => {
      this.#writing = undefined
    })
  }

  #takeBlock(): Buffer {
    const block = Buffer.from((this.#torn ? '\n' : '') + this.#lines.join(''))
    this.#lines = []
    return block
  }

  /** The bytes of the block count as waiting until they are written or dropped. */
  async #writeBlock(block: Buffer): Promise<void> {
    const lineBytes = this.#waitingBytes
    let rest = block
    try {
      while (rest.length > 0) rest = rest.subarray(await this.#writeSome(rest))
      this.#torn = false
    } catch {
      this.dropped += rest.reduce((count, byte) => count + Number(byte === newline), 0)
      const begun = rest.length < block.length
      this.#torn = begun ? block[block.length - rest.length - 1] !== newline : this.#torn
    }
    this.#waitingBytes -= lineBytes
  }

  async #writeSome(bytes: Buffer): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    write(this.#fd, bytes, (error, written) => (error ? reject(error) : resolve(written)))
    try {
      return await promise
    } catch (error) {
      // A non-blocking pipe that is full.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
      await Bun.sleep(busyPauseMs)
      return 0
    }
  }

  /** For a process that exits without `close`. Not while a write is pending, since this one could block too. */
  #writeAtExit(): void {
    if (this.#writing || this.#lines.length === 0) return
    try {
      writeSync(this.#fd, this.#takeBlock())
    } catch {}
  }
}

/** Leaves out all other properties of an error: a DOMException, as of a timeout, has two dozen constants. */
export function errorForLog(error: unknown) {
  if (!(error instanceof Error)) return error
  const { type, message, stack } = pino.stdSerializers.err(error)
  return { type, message, stack }
}

/** A format for people, coloured if the terminal supports it and NO_COLOR is not set. Loaded on demand. */
export async function formatForPeople(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty')
  return prettyFactory({
    translateTime: 'SYS:HH:MM:ss',
    messageFormat:
      '{msg}{if method} {method}{end}{if route} {route}{end}{if status} {status} in {durationMs} ms{end}',
    ignore: 'method,route,status,durationMs',
    singleLine: true,
  })
}
