import { expect, test } from 'bun:test'
import { type DeadlineClass, deadlineClasses, type OperationName } from '../../domain/store.ts'
import { type Forward, forwardingStore } from './operations.ts'

const names = Object.keys(deadlineClasses).sort()

test('a forwarding store has each operation under its own name', async () => {
  const called: unknown[] = []
  const forward: Forward =
    (name) =>
    (...args) => {
      called.push([name, ...args])
      return new Promise(() => {})
    }
  const store: object = forwardingStore(forward)
  expect(Object.keys(store).sort()).toEqual(names)

  for (const operation of Object.values(store)) operation('argument', 'context')
  expect(called).toEqual(Object.keys(store).map((name) => [name, 'argument', 'context']))
})

test('an operation without a deadline class does not compile', () => {
  const { metrics: _, ...others } = deadlineClasses
  // @ts-expect-error metrics is missing
  const lacking: Record<OperationName, DeadlineClass> = others
  expect(Object.keys(lacking)).toHaveLength(names.length - 1)
})
