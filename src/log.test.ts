import { expect, test } from 'bun:test'
import { errorForLog } from './log.ts'

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
