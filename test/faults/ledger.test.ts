import { expect, test } from 'bun:test'
import { Ledger } from './ledger.ts'

test('a change says what became of an item, unless another one has gone out for it since', () => {
  const ledger = new Ledger()
  const release = ledger.changes(['A', 'B'])
  // Before its answer arrives, A goes to somebody else, who removes it.
  const removal = ledger.changes(['A'])
  ledger.changed(['A'], false, removal)

  ledger.changed(['A', 'B'], true, release)

  expect([...ledger.live]).toEqual([
    ['A', false],
    ['B', true],
  ])
})
