import pino from 'pino'

const flushMs = 100
const blockBytes = 8 * 1024
const backlogMaxBytes = 16 * 1024 * 1024

/**
 * JSON lines on standard output, written in blocks off the event loop; a line is out after `flushMs`.
 * When whoever reads them stalls, lines past `backlogMaxBytes` are dropped.
 */
export function createLog(level: string): { log: pino.Logger; flush: () => Promise<void> } {
  const out = pino.destination({
    fd: 1,
    sync: false,
    minLength: blockBytes,
    maxLength: backlogMaxBytes,
    periodicFlush: flushMs,
  })
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, out)
  return { log, flush: () => new Promise((resolve) => out.flush(() => resolve())) }
}
