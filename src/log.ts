import pino from 'pino'
import { limits } from './limits.ts'

const { flushMs, blockBytes, backlogBytes } = limits.log
const { flushLogMs } = limits.shutdown

/**
 * Logs JSON lines to standard output, passed through `format` if there is one. Lines are written asynchronously
 * and in blocks, after `flushMs` at the latest. If the reader stalls, lines past `backlogBytes` are dropped, and
 * `close` drops what cannot be flushed within `flushLogMs`.
 */
export function createLog(
  level: string,
  format?: (line: string) => string,
): { log: pino.Logger; close: () => Promise<void> } {
  const out = pino.destination({
    fd: 1,
    sync: false,
    minLength: blockBytes,
    maxLength: backlogBytes,
    periodicFlush: flushMs,
    contentMode: 'buffer',
  })
  // The types do not allow the buffers of `contentMode`. With strings, sonic-boom measures the whole backlog
  // for each line.
  const toBytes = (line: string) => Buffer.from(line) as Buffer & string
  const stream = { write: (line: string) => out.write(toBytes(format ? format(line) : line)) }
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  const log = pino({ ...options, serializers: { err: errorForLog } }, stream)
  const close = async () => {
    await Promise.race([new Promise((resolve) => out.flush(resolve)), Bun.sleep(flushLogMs)])
    // Otherwise the rest would be written at exit, which would block until it is read.
    out.destroy()
  }
  return { log, close }
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
