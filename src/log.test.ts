import { expect, test } from 'bun:test'
import pino from 'pino'
import { errorForLog, requestLog } from './log.ts'

test('an error goes into the log with its causes, and without what else hangs on it', () => {
  const cause = new DOMException('too late', 'TimeoutError')
  const error = Object.assign(new TypeError('no answer', { cause }), { path: '/' })

  expect(errorForLog(error)).toEqual({
    type: 'TypeError',
    message: 'no answer: too late',
    stack: expect.stringContaining('caused by: '),
  })
  expect(Object.keys(errorForLog(cause) ?? {})).toEqual(['type', 'message', 'stack'])
})

test('the line of a request is the one that pino would write, and is not written where pino would not', () => {
  const lines: string[] = []
  const stream = { write: (line: string) => lines.push(line) }
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
  const line = {
    requestId: 'a"\\é',
    route: null,
    status: 200,
    durationMs: 0.25,
    outcome: undefined,
  }
  const write = requestLog(log, stream)
  log.info(line, 'request')
  write(line)
  log.level = 'warn'
  write(line)

  const timeless = lines.map((each) => each.replace(/"time":"[-\d]{10}T[:.\d]{12}Z"/, '"time":0'))
  expect(timeless).toHaveLength(2)
  expect(timeless[1]).toBe(String(timeless[0]))
  expect(timeless[1]).toContain('"time":0,"requestId":')
})
