import { expect, test } from 'bun:test'
import { type DeadlineClass, deadlineClasses, type OperationName } from '../../domain/store.ts'
import { forwardingStore, type RunOperation } from './operations.ts'

const names = Object.keys(deadlineClasses).sort()

test('a forwarding store asks for each operation by its own name, with its arguments', async () => {
  const asked: unknown[] = []
  const run: RunOperation = (name, args) => {
    asked.push([name, ...args])
    return new Promise(() => {})
  }
  const store: object = forwardingStore(run)
  expect(Object.keys(store).sort()).toEqual(names)

  for (const operation of Object.values(store)) operation('argument', 'context')
  expect(asked).toEqual(Object.keys(store).map((name) => [name, 'argument', 'context']))
})

test('an operation without a deadline class does not compile', () => {
  const { metrics: _, ...others } = deadlineClasses
  // @ts-expect-error metrics is missing
  const lacking: Record<OperationName, DeadlineClass> = others
  expect(Object.keys(lacking)).toHaveLength(names.length - 1)
})
