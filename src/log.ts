import pino from 'pino'
import { limits } from './limits.ts'

const { flushMs, blockBytes, backlogBytes } = limits.log
const { flushLogMs } = limits.shutdown

/**
 * JSON lines on standard output, or what `format` makes of them; written in blocks off the event loop, a
 * line is out after `flushMs`. When whoever reads them stalls, lines past `backlogBytes` are dropped,
 * and at the end what is not out after `flushLogMs`.
 */
export function createLog(
  level: string,
  format?: (line: string) => string,
): { log: pino.Logger; end: () => Promise<void> } {
  const out = pino.destination({
    fd: 1,
    sync: false,
    minLength: blockBytes,
    maxLength: backlogBytes,
    periodicFlush: flushMs,
    contentMode: 'buffer',
  })
  // Bytes, which the types of this mode leave out: of strings, all that waits would be measured with each line.
  const bytesOf = (line: string) => Buffer.from(line) as Buffer & string
  const stream = { write: (line: string) => out.write(bytesOf(format ? format(line) : line)) }
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  const log = pino({ ...options, serializers: { err: errorForLog } }, stream)
  const end = async () => {
    await Promise.race([new Promise((resolve) => out.flush(resolve)), Bun.sleep(flushLogMs)])
    // Otherwise it would be written out at exit all the same, and wait there for its reader.
    out.destroy()
  }
  return { log, end }
}

/** What else hangs on an error stays out: on a DOMException, as of a time-out, two dozen constants. */
export function errorForLog(error: unknown) {
  if (!(error instanceof Error)) return error
  const { type, message, stack } = pino.stdSerializers.err(error)
  return { type, message, stack }
}

/** The format for people: coloured where the terminal is and NO_COLOR is not set. Loaded only for them. */
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
