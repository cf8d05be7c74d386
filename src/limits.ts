const KiB = 2 ** 10
const MiB = 2 ** 20

/**
 * Every bound of the service, with its unit at the end of its name: Ms, Seconds, Bytes, or what is counted.
 * `checkLimits` asserts how they depend on each other.
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
    durationsKept: 16,
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
    statementsKept: 100,
    /** A kept statement holds the values that it last ran with; most chunks of an import have less. */
    keptStatementLengthMax: 1 * MiB,
    /** For commands that read one while servers use it. */
    commandBusyMs: 30_000,
  },

  /** A libSQL server. */
  server: {
    /** How long the next batch may linger for more requests: see `drivers/server.ts`. */
    lingerMs: 8,
    /** Well before sqld ends an idle connection; its durability_mode holds for new ones. */
    connectionAgeMs: 2_000,
    connectionsKept: 4,
    closeMs: 1_000,
  },

  imports: {
    lineBytes: 64 * KiB,
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

/** The relations between the bounds that must hold, in words; throws for one that does not. */
export function checkLimits(given: Limits): void {
  for (const [relation, holds] of relations(given)) {
    if (!holds) throw new Error(`limits.ts: it does not hold that ${relation}`)
  }
}

function relations(it: Limits): [string, boolean][] {
  const { batch, database, file, http, imports, metrics, operations, server, shutdown } = it
  const { quick, bulk } = operations.deadlineMs
  const { drainMs, holdMs, closeDatabaseMs, flushLogMs, killedAfterMs } = shutdown
  const rows = [imports.writeRowsMin, imports.writeRowsMax]
  return [
    [
      'a match that waits for its turn, and then for the database, is told so before its deadline',
      batch.waitMs + database.transactionMs < quick,
    ],
    [
      'a batch begins no write that could not end in time',
      batch.writesMs <= database.transactionMs,
    ],
    [
      'a read that was given up can be tried again',
      2 * database.readTryMs < database.transactionMs,
    ],
    ['a retry comes before the time is over', database.retryPauseMs < database.readTryMs],
    ['a bulk operation has longer than a quick one', quick < bulk],
    ['an overdue operation is noticed soon', 10 * operations.overdueCheckMs < quick],
    [
      'as many operations may wait as matches and changes may',
      batch.queueMax + database.bulkWritesWaitingMax <= operations.waitingMax,
    ],
    ['a full batch waits in the queue', batch.requestsMax <= batch.queueMax],
    ['a batch that is split is a small one', batch.splitFrom <= batch.requestsMax],
    ['lingering is no wait that one notices', 10 * server.lingerMs < batch.waitMs],
    ['no connection is closed under a change', bulk < http.idleSeconds * 1_000],
    ['whoever is in flight at a shutdown has the time of a quick operation', quick <= drainMs],
    [
      'a shutdown ends before it is killed',
      holdMs + drainMs + closeDatabaseMs + flushLogMs < killedAfterMs,
    ],
    ['connections to a server are closed in a shutdown', server.closeMs <= closeDatabaseMs],
    ['a scrape has its answer before it is given up', metrics.databaseMs * 2 < metrics.scrapeMs],
    [
      'the health command answers before Docker gives it up',
      it.healthCommand.answerMs < it.healthCommand.dockerTimeoutMs,
    ],
    ['a deleted key stops working within a second', it.apiKeys.cachedMs <= 1_000],
    [
      'a key is looked up more often than its use is noted',
      it.apiKeys.cachedMs < it.apiKeys.lastUseStepMs,
    ],
    ['chunks of an import can grow and shrink', Math.min(...rows) === rows[0]],
    ['a match waits for one chunk of an import alone', imports.writeMs < batch.waitMs],
    [
      'the statement of a usual chunk stays prepared',
      imports.blocksMax * imports.lineBytes <= file.keptStatementLengthMax,
    ],
    [
      'the largest page is at most what is streamed at a time, often',
      http.streamedPageRows <= http.pageMax,
    ],
    ['a body is counted before it is large', http.countedBodyMinBytes < http.bodiesMinBytes],
  ]
}

type Widened<Value> = Value extends number
  ? number
  : { [Name in keyof Value]: Widened<Value[Name]> }

checkLimits(limits)
