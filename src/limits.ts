const KiB = 2 ** 10
const MiB = 2 ** 20

/**
 * Every bound of the service, with its unit in its name: Ms, Seconds, Bytes, or what is counted. `checkLimits`
 * asserts how they depend on each other.
 */
export const limits = {
  /** Lengths of values, in Unicode code points. */
  values: { itemMax: 1_024, requestorMax: 255, nameMax: 255 },

  http: {
    /** A connection on which nothing moves for longer is closed. */
    idleSeconds: 30,
    /** Bodies of one value nested deeper are refused (RFC 8259, section 9). */
    jsonLevelsMax: 32,
    /** No body here needs ten, and an object of a million names takes seconds to parse and look through. */
    jsonNamesMax: 1_000,
    /** Smaller bodies, as those of matches, are not counted: with those of many, nobody's match must wait. */
    countedBodyMinBytes: 64 * KiB,
    /** Bytes of JSON bodies in memory at once; one of the largest size allowed always fits. */
    bodiesMinBytes: 64 * MiB,
    importsMax: 8,
    streamedListsMax: 64,
    /** Items in one list of a PATCH or PUT. */
    listedItemsMax: 100_000,
    /** What a caller may ask for as a page. */
    pageMax: 1_000,
    namespacesPage: 100,
    /** Rows that a streamed list reads at a time: larger pages cost memory and win little time. */
    streamedPageRows: 200,
    fieldErrorsMax: 100,
    retryAfterSeconds: 1,
  },

  shutdown: {
    /** Answers are held back for so long, so that no client is about to send when the listener closes. */
    holdMs: 100,
    pollMs: 10,
    /** For the requests in flight. */
    drainMs: 8_000,
    closeDatabaseMs: 1_000,
    flushLogMs: 500,
    /** After which Docker and others kill. */
    killedAfterMs: 10_000,
  },

  /** Calls of the store's operations. */
  operations: {
    /** Of all kinds; the operations themselves bound what they take on of each. */
    waitingMax: 11_000,
    deadlineMs: { quick: 8_000, bulk: 20_000 },
    overdueCheckMs: 250,
  },

  /** How requests for a match share transactions. */
  batch: {
    requestsMax: 256,
    queueMax: 10_000,
    /** For the turn of its batch. */
    waitMs: 3_000,
    /** Fewer callers are one batch: a commit of their own would cost more than half of them would gain by it. */
    splitFrom: 32,
    /** Of so many batches the quickest is looked for. */
    recentDurationsMax: 16,
    /** Others may win a race for so many rounds. */
    roundsMax: 10,
    /** After this a batch begins no further write. */
    writesMs: 4_000,
    /** After so many batches of new requestors alone, one of at least so many requests skips its read. */
    skipReadAfterBatches: 8,
    skipReadFromRequests: 8,
  },

  database: {
    /** All tries of a read or a write; a write's time begins as it joins the queue. */
    transactionMs: 4_000,
    /** A read is tried again on another connection before its time is over. */
    readTryMs: 1_500,
    retryPauseMs: 100,
    bulkWritesWaitingMax: 1_000,
  },

  /** A database file. */
  file: {
    cacheBytes: 16 * MiB,
    /** Pages of the log before they are copied into the file: the longer, the more of them are of one page. */
    checkpointPages: 16_000,
    preparedStatementsMax: 100,
    /** A kept statement holds the values that it last ran with; most chunks of an import have less. */
    preparedStatementLengthMax: 1 * MiB,
    /** For commands that read one while servers use it. */
    commandBusyMs: 30_000,
  },

  /** A libSQL server. */
  server: {
    /** How long the next batch may linger for more requests: see `drivers/server.ts`. */
    lingerMs: 8,
    /** Well before sqld ends an idle connection; its durability_mode holds for new ones. */
    connectionAgeMs: 2_000,
    pooledConnectionsMax: 4,
    closeMs: 1_000,
  },

  imports: {
    lineBytesMax: 64 * KiB,
    /** What one write aims to take: everybody else waits that long. */
    writeMs: 60,
    writeRowsMin: 250,
    /** More take more memory; fewer take longer where items come in no order, as random codes do. */
    writeRowsMax: 16_000,
    /** Bounds what waits for a write when the rows are long; they come in blocks of some 64 KiB. */
    blocksMax: 16,
    errorsMax: 100,
    legacyRowsPerStatement: 20_000,
  },

  apiKeys: {
    cachedMax: 10_000,
    /** A deleted key stops working after so long on every instance. */
    cachedMs: 1_000,
    /** A key's last use is written at most this often. */
    lastUseStepMs: 60_000,
  },

  log: {
    flushMs: 100,
    blockBytes: 8 * KiB,
    /** Lines past it are dropped while whoever reads them stalls. */
    backlogBytes: 16 * MiB,
  },

  metrics: {
    /** Bounds the series: namespaces past it are not told apart. */
    namespacesMax: 1_000,
    databaseMs: 2_000,
    /** After which Prometheus gives up a scrape, unless told otherwise. */
    scrapeMs: 10_000,
    eventLoopTickMs: 20,
  },

  healthCommand: {
    answerMs: 3_000,
    /** The `--timeout` of HEALTHCHECK in deploy/Dockerfile. */
    dockerTimeoutMs: 5_000,
  },
} as const

export type Limits = Widened<typeof limits>

/** Throws for the first relation between the bounds that does not hold. */
export function checkLimits(given: Limits): void {
  for (const [relation, holds] of relationsOf(given)) {
    if (!holds) throw new Error(`limits.ts: ${relation} does not hold.`)
  }
}

function relationsOf(it: Limits): [relation: string, holds: boolean][] {
  const { batch, database, http, imports, operations, shutdown } = it
  const { quick, bulk } = operations.deadlineMs
  const stopMs = shutdown.holdMs + shutdown.drainMs + shutdown.closeDatabaseMs + shutdown.flushLogMs
  return [
    // Whoever waits is told by the bound that knows best why, before a wider one says only that it takes long.
    [
      'batch.waitMs + transactionMs < quick deadline',
      batch.waitMs + database.transactionMs < quick,
    ],
    ['quick deadline < bulk deadline', quick < bulk],
    ['bulk deadline < http.idleSeconds', bulk < http.idleSeconds * 1_000],
    ['overdueCheckMs < quick deadline', operations.overdueCheckMs < quick],
    ['retryPauseMs < readTryMs', database.retryPauseMs < database.readTryMs],
    ['two read tries < transactionMs', 2 * database.readTryMs < database.transactionMs],
    ['batch.writesMs <= transactionMs', batch.writesMs <= database.transactionMs],
    ['server.lingerMs < batch.waitMs', it.server.lingerMs < batch.waitMs],
    ['imports.writeMs < batch.waitMs', imports.writeMs < batch.waitMs],
    // As many operations may wait as those who bound their own kinds take on.
    [
      'queueMax + bulkWritesWaitingMax <= waitingMax',
      batch.queueMax + database.bulkWritesWaitingMax <= operations.waitingMax,
    ],
    ['requestsMax <= queueMax', batch.requestsMax <= batch.queueMax],
    ['splitFrom <= requestsMax', batch.splitFrom <= batch.requestsMax],
    ['writeRowsMin <= writeRowsMax', imports.writeRowsMin <= imports.writeRowsMax],
    ['countedBodyMinBytes <= bodiesMinBytes', http.countedBodyMinBytes <= http.bodiesMinBytes],
    // The contract: a deleted key stops working within a second.
    ['apiKeys.cachedMs <= a second', it.apiKeys.cachedMs <= 1_000],
    ['cachedMs < lastUseStepMs', it.apiKeys.cachedMs < it.apiKeys.lastUseStepMs],
    // Each has its answer before whoever asks gives up.
    ['quick deadline <= drainMs', quick <= shutdown.drainMs],
    ['the steps of a shutdown < killedAfterMs', stopMs < shutdown.killedAfterMs],
    ['server.closeMs <= closeDatabaseMs', it.server.closeMs <= shutdown.closeDatabaseMs],
    ['metrics.databaseMs < scrapeMs', it.metrics.databaseMs < it.metrics.scrapeMs],
    [
      'healthCommand.answerMs < dockerTimeoutMs',
      it.healthCommand.answerMs < it.healthCommand.dockerTimeoutMs,
    ],
  ]
}

type Widened<Value> = Value extends number
  ? number
  : { [Name in keyof Value]: Widened<Value[Name]> }

checkLimits(limits)
