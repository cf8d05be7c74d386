import { expect, test } from 'bun:test'
import { checkLimits, type Limits, limits } from './limits.ts'

/** A copy with one bound changed. */
function changed(group: keyof Limits, name: string, value: unknown): Limits {
  return { ...limits, [group]: { ...limits[group], [name]: value } }
}

test('the relations between the bounds hold', () => {
  expect(() => checkLimits(limits)).not.toThrow()
})

test.each([
  ['batch', 'waitMs', 4_000, 'batch.waitMs + transactionMs < quick deadline'],
  ['operations', 'deadlineMs', { quick: 8_000, bulk: 8_000 }, 'quick deadline < bulk deadline'],
  ['http', 'idleSeconds', 20, 'bulk deadline < http.idleSeconds'],
  ['operations', 'overdueCheckMs', 8_000, 'overdueCheckMs < quick deadline'],
  ['database', 'retryPauseMs', 1_500, 'retryPauseMs < readTryMs'],
  ['database', 'readTryMs', 2_000, 'two read tries < transactionMs'],
  ['batch', 'writesMs', 4_001, 'batch.writesMs <= transactionMs'],
  ['server', 'lingerMs', 3_000, 'server.lingerMs < batch.waitMs'],
  ['hours', 'rolledMax', 2_001, 'hours.rolledMax <= hours.prunedMax'],
  ['imports', 'writeMs', 3_000, 'imports.writeMs < batch.waitMs'],
  ['database', 'bulkWritesWaitingMax', 1_001, 'queueMax + bulkWritesWaitingMax <= waitingMax'],
  ['batch', 'queueMax', 255, 'requestsMax <= queueMax'],
  ['tidy', 'lapsedMax', 255, 'requestsMax <= tidy.lapsedMax'],
  ['imports', 'writeRowsMin', 16_001, 'writeRowsMin <= writeRowsMax'],
  ['http', 'bodiesMinBytes', 1, 'countedBodyMinBytes <= bodiesMinBytes'],
  ['http', 'jsonWorkerMs', 10_000, 'jsonWorkerMs + bulk deadline < http.idleSeconds'],
  ['http', 'bodiesShareMinBytes', 2 ** 25 + 1, '2 * bodiesShareMinBytes <= bodiesMinBytes'],
  ['http', 'importsShareMax', 5, '2 * importsShareMax <= importsMax'],
  ['http', 'streamedListsShareMax', 33, '2 * streamedListsShareMax <= streamedListsMax'],
  ['defaults', 'bodyBytes', 2 ** 26 + 1, 'defaults.bodyBytes <= bodiesMinBytes'],
  ['apiKeys', 'cachedMs', 1_001, 'apiKeys.cachedMs <= a second'],
  ['apiKeys', 'lookupsMax', 2_049, 'lookupsMax <= lookupsWaitingMax'],
  ['apiKeys', 'lastUseStepMs', 1_000, 'cachedMs < lastUseStepMs'],
  ['shutdown', 'drainMs', 8_349, 'holdMs + quick deadline + overdueCheckMs <= drainMs'],
  ['shutdown', 'drainMs', 8_500, 'the steps of a shutdown < killedAfterMs'],
  ['shutdown', 'closeDatabaseMs', 999, 'server.closeMs <= closeDatabaseMs'],
  ['file', 'checkpointOnCloseMs', 1_000, 'file.checkpointOnCloseMs < closeDatabaseMs'],
  ['metrics', 'databaseMs', 10_000, 'metrics.databaseMs < scrapeMs'],
  ['healthCommand', 'answerMs', 5_000, 'healthCommand.answerMs < dockerTimeoutMs'],
] as const)('a change of %s.%s to %p breaks a relation', (group, name, value, relation) => {
  expect(name in limits[group]).toBe(true)
  expect(() => checkLimits(changed(group, name, value))).toThrow(`${relation} does not hold`)
})
