const KiB = 2 ** 10
const MiB = 2 ** 20

/**
 * Every bound of the service, with its unit at the end of its name (Ms, Seconds, Bytes), or else a count.
 * `checkLimits` asserts the relations between them.
 */
export const limits = {
  /** Lengths of values, in Unicode code points unless they say Bytes. */
  values: {
    itemMax: 1_024,
    requestorMax: 255,
    nameMax: 255,
    namespaceMax: 128,
    apiKeyMax: 255,
    slotMax: 64,
    /** The `data` of an item, as JSON without white space between its tokens, in UTF-8. */
    dataBytesMax: 4 * KiB,
    /** Shorter master keys can be guessed. */
    masterKeyMin: 16,
  },

  /** The defaults of BODY_LIMIT_BYTES and IMPORT_LIMIT_BYTES. */
  defaults: { bodyBytes: 16 * MiB, importBytes: 1_024 * MiB },

  /** One read of `storedItems`, which takes a few milliseconds. */
  lookups: { itemsMax: 1_000 },

  http: {
    /** A connection is closed when it is idle for longer. */
    idleSeconds: 30,
    /** JSON nested deeper is rejected (RFC 8259, section 9 allows such a limit). */
    jsonLevelsMax: 32,
    /**
     * Names in all objects of a body, but for those that the elements of long lists have: none here needs ten, and a
     * million take seconds to parse and validate.
     */
    jsonNamesMax: 1_000,
    /** Smaller bodies, as those of matches, are not counted, so that large ones never get a match rejected. */
    countedBodyMinBytes: 64 * KiB,
    /** A body with more values is refused before it is parsed: in memory they take up to ten times their text. */
    jsonValuesMax: 2_000_000,
    /** For a large body to wait for the JSON worker and be read by it. */
    jsonWorkerMs: 8_000,
    /** A longer `accept` header is disregarded. Those of browsers have some 200 characters. */
    acceptMax: 1_024,
    /** JSON bodies in memory at once; BODY_LIMIT_BYTES if that is more, so that every allowed body fits. */
    bodiesMinBytes: 64 * MiB,
    importsMax: 8,
    streamedListsMax: 64,
    /** What one namespace may use of these; of bodies, at least one of the largest size. */
    bodiesShareMinBytes: 32 * MiB,
    importsShareMax: 4,
    streamedListsShareMax: 32,
    /** Items in one list of a PATCH or PUT. */
    listedItemsMax: 100_000,
    /** The largest page that a caller may request. */
    pageMax: 1_000,
    /** The page of namespaces, if the caller requests no size. */
    namespacesPage: 100,
    /** Of a history of counts. */
    pointsMax: 1_000,
    /** Points of it, if the caller says no `from`: a day of hours, or a month of days. */
    hourPoints: 24,
    dayPoints: 30,
    /** The same of batches of items. */
    itemBatchesPage: 100,
    /** The same of events of a history. */
    historyPage: 100,
    /** A streamed list reads this many rows at a time; larger pages take memory and save little time. */
    streamedPageRows: 200,
    fieldErrorsMax: 100,
    /** Of a query; no route knows as many. */
    queryParametersMax: 100,
    /** Segments of a path that are checked one by one; no route has more. */
    pathSegmentsMax: 8,
    /** The readiness of the database, for `/health/ready` and `/metrics`. */
    readinessCachedMs: 1_000,
    retryAfterSeconds: 1,
    /** Of the `x-request-id` that a client chose. */
    requestIdMax: 128,
    idempotencyKeyMax: 128,
    /** How long a browser may cache the response to a CORS preflight: Chrome's maximum. */
    preflightSeconds: 7_200,
  },

  shutdown: {
    /** Responses are held back for this long, so that no client is about to send when the listener closes. */
    holdMs: 100,
    pollMs: 10,
    /** For requests in flight, from before they are held back. Longer bulk changes get no response. */
    drainMs: 8_400,
    closeDatabaseMs: 1_000,
    flushLogMs: 500,
    /** When Docker and others kill a process that has not ended. */
    killedAfterMs: 10_000,
  },

  /** The operations of the store. */
  operations: {
    /** Calls of all operations; `queueMax` and `bulkWritesWaitingMax` limit some of them further. */
    waitingMax: 11_000,
    /** For each deadline class of `domain/store.ts`. */
    deadlineMs: { quick: 8_000, bulk: 20_000 },
    overdueCheckMs: 250,
  },

  /** The largest values of settings of a namespace. */
  settings: {
    /** A year, with a leap day. */
    expiryMarginSecondsMax: 366 * 86_400,
    itemsPerRequestorMax: 1_000,
    lowStockBelowMax: 1_000_000_000,
  },

  /** Calls of `match/batch`. */
  matchBatch: {
    /** Requestors of one call. */
    requestorsMax: 1_000,
    /** Of one call, so many are matched at once, in one transaction: others wait for no more of it. */
    sliceMax: 256,
    /** A call matches no further slice after this time: it ends before its connection counts as idle. */
    startMs: 8_000,
    runningMax: 16,
    /** Of one namespace. */
    runningShareMax: 8,
  },

  /** How requests for a match share transactions. */
  batch: {
    /** In one batch. */
    requestsMax: 256,
    /** Waiting for the next batch. */
    queueMax: 10_000,
    /** How long a request waits for its batch to start. */
    waitMs: 3_000,
    /** How many batch durations are remembered to choose how long to linger. */
    recentDurationsMax: 16,
    /** Rounds of a batch; each but the first follows a race lost to another process, or a lost write. */
    roundsMax: 10,
    /** After a lost write, a batch starts no further write past this time. */
    writesMs: 4_000,
    /** After this many batches of new requestors only, a batch of at least this many requests skips its read. */
    skipReadAfterBatches: 8,
    skipReadFromRequests: 8,
  },

  /** Before something is given, in one write each: see `tidy.ts`. */
  tidy: {
    /** Lapsed holds that are taken back: at least as many as a batch has requests, so that each gets an item. */
    lapsedMax: 1_000,
    /** Expired items that are passed. */
    expiredMax: 400_000,
  },

  lists: {
    /** After so long, a page comes with what was found so far. */
    pageMs: 1_000,
    /** Rows that are read at once where some are left out. */
    sievedRows: 1_000,
    /** Matched, held or expired items that are sorted for each page; with more, all live or all expiring ones are walked. */
    sortedRows: 10_000,
    /** Namespaces that are counted at once, where all are sorted by their counts. */
    sortedNamespaces: 500,
  },

  history: {
    /** Changes that are looked through at once. */
    changesPerRead: 1_000,
    /** Namespaces that are searched for a requestor or an item at once. */
    namespacesPerRead: 1_000,
    /** Rows of each kind that are pruned, or lose the name of a requestor, in one write. */
    stepRows: 2_000,
    /** Requestors whose holds have lapsed, where requestors are to be compared in another form. */
    namesMax: 100_000,
    pruneEveryMs: 3_600_000,
    /** Of HISTORY_DAYS. */
    daysMin: 7,
    daysMax: 36_500,
  },

  batches: {
    /** Rows of a batch that are counted or removed at once. */
    stepRows: 1_000,
  },

  /** What each hour has brought to a namespace. */
  hours: {
    keptMs: 400 * 24 * 3_600_000,
    /** In one write of a sweep: namespaces whose hour is over, and hours that are pruned. */
    rolledMax: 500,
    prunedMax: 2_000,
  },

  /** The job that writes down what time has brought about. */
  sweep: {
    everyMs: 2_000,
    /** Namespaces in one step, each with a write of its own. */
    namespacesMax: 100,
    /** In one write: lapsed holds that are taken back, and expired items that are passed, and counted. */
    lapsedMax: 1_000,
    expiredMax: 20_000,
    /** By so much a clock may be ahead, and what it has found expired stays so. */
    clockLeadMaxMs: 3_600_000,
  },

  webhooks: {
    max: 1_000,
    urlMax: 2_048,
    /** Namespaces that one webhook names. */
    namespacesMax: 1_000,
    /** How long a secret that was rotated signs along, and how many of them at once. */
    earlierSecretMs: 24 * 3_600_000,
    earlierSecretsMax: 10,
    /** A webhook with more deliveries that are neither done nor failed is disabled. */
    undeliveredMax: 1_000_000,
    /** For the name of a receiver to be resolved. */
    resolveMs: 5_000,
    /** For one try, from the first look at the name to the status of the answer. */
    tryMs: 15_000,
    /** Between a try and the next, less or more a tenth: the schedule of the Standard Webhooks specification. */
    retryAfterMs: [
      ...[5_000, 300_000, 1_800_000, 7_200_000, 18_000_000],
      ...[36_000_000, 50_400_000, 72_000_000, 86_400_000],
    ],
    /** What is read of the body of an answer, so that a receiver can end it. */
    answerBytesMax: 64 * KiB,
    answerMs: 1_000,
    /** How long nobody else sends what an instance is sending. */
    leaseMs: 60_000,
    /** How often an instance looks for what is due. */
    pollMs: 1_000,
    /** Sent at once by an instance, and to one webhook: a receiver that hangs holds up no other. */
    sendingMax: 32,
    sendingShareMax: 4,
    /** How long a delivery is kept once it is done or failed, or its webhook disabled. */
    keptMs: 30 * 86_400_000,
    /** Those that are forgotten in one step, and how often that is done. */
    forgottenRows: 1_000,
    forgetEveryMs: 60_000,
    /** The page of webhooks or deliveries, if the caller requests no size. */
    page: 100,
    /** Items that have expired since they were last counted, and are counted for an event: past it, a sweep tells. */
    expiredMax: 20_000,
  },

  holds: {
    /** A day: a hold that nobody confirms keeps its item from all others. */
    secondsMax: 86_400,
    /** How long it is known who held an item. */
    rememberedMs: 7 * 24 * 3_600_000,
  },

  idempotency: {
    /** A day: how long a change with an `idempotency-key` is known by it. */
    keptMs: 24 * 3_600_000,
    /** Keys that are deleted in one write. The largest has a megabyte: the ids of as many conflicts as a list may have items. */
    sweptMax: 200,
  },

  database: {
    /** All attempts of a read or write together. The time of a write counts from when it joins the queue. */
    transactionMs: 4_000,
    /** One attempt of a read, so that there is time for another one on a new connection. */
    readTryMs: 1_500,
    /** The longest pause before a retry; the pauses back off exponentially, with jitter. */
    retryPauseMs: 100,
    bulkWritesWaitingMax: 1_000,
    /** A commit shows for so long that the database can be written. */
    writableForMs: 1_000,
  },

  /** A database file. */
  file: {
    cacheBytes: 16 * MiB,
    /** Pages in the write-ahead log before a checkpoint, which copies only the last version of each page. */
    checkpointPages: 16_000,
    preparedStatementsMax: 100,
    /** To truncate the log when closing, while others read or write. */
    checkpointOnCloseMs: 500,
    checkpointPauseMs: 20,
    /** A prepared statement holds its last arguments, so it is only cached if they are shorter, as most are. */
    preparedStatementLengthMax: 1 * MiB,
    /** The busy timeout of commands that read a file while servers use it. */
    commandBusyMs: 30_000,
  },

  migration: {
    /** What is told before it begins. */
    secondsPerMillionRows: { file: 10, server: 120 },
    /** On a libSQL server, items that are moved in one step, and how long that should take. */
    stepRowsMin: 4_000,
    stepRowsMax: 40_000,
    stepMs: 2_000,
    /** How often in succession a step may fail. */
    triesMax: 10,
  },

  /** A libSQL server. */
  server: {
    /** How long a batch may linger for more requests: see `drivers/server.ts`. */
    lingerMs: 8,
    /** Well before sqld closes idle connections. A change of its durability_mode applies to new ones only. */
    connectionAgeMs: 2_000,
    pooledConnectionsMax: 4,
    closeMs: 1_000,
  },

  imports: {
    lineBytesMax: 64 * KiB,
    /** The encoding is detected from so many bytes: what is wrong in them is told before anything is added. */
    headBytes: 64 * KiB,
    /** The delimiter and the headings are detected from so many bytes, which are parsed once for each delimiter. */
    sniffedBytes: 16 * KiB,
    /** Lines, of the first ones, that are looked at for headings. */
    firstLines: 100,
    /** Items that a dry run shows, and lines that are told of a file in which nothing can be used. */
    shownLines: 10,
    /** The intended duration of one write, during which everyone else waits. */
    writeMs: 60,
    writeRowsMin: 250,
    /** More rows take more memory; fewer take longer in total if the items are unsorted, like random codes. */
    writeRowsMax: 16_000,
    /** Blocks (of about `lineBytesMax`) that wait for a write: bounds the memory when lines are long. */
    blocksMax: 16,
    errorsMax: 100,
    legacyRowsPerStatement: 20_000,
  },

  apiKeys: {
    cachedMax: 10_000,
    /** How long a deleted key may still work, on every instance. */
    cachedMs: 1_000,
    /** Unknown keys are cached as long, and apart: made-up keys cannot displace good ones. */
    unknownCachedMax: 10_000,
    /** Keys that one read looks up. */
    lookupsMax: 256,
    /** Lookups that wait, except those of recently used keys. */
    lookupsWaitingMax: 2_048,
    /** The last use of a key is written at most once in this time. */
    lastUseStepMs: 60_000,
  },

  log: {
    flushMs: 100,
    blockBytes: 64 * KiB,
    /** Before a write to a full, non-blocking pipe is retried. */
    busyPauseMs: 50,
    /** Lines past it are dropped while the reader of the log stalls. */
    backlogBytes: 16 * MiB,
  },

  metrics: {
    /** Bounds the number of series: namespaces past it share one. */
    namespacesMax: 1_000,
    /** How long a scrape waits for the metrics of the database. */
    databaseMs: 2_000,
    /** The default scrape timeout of Prometheus. */
    scrapeMs: 10_000,
    eventLoopTickMs: 20,
  },

  healthCommand: {
    answerMs: 3_000,
    /** The `--timeout` of the HEALTHCHECK in deploy/Dockerfile. */
    dockerTimeoutMs: 5_000,
  },
} as const

export type Limits = Widened<typeof limits>

/** Throws if a relation between the bounds does not hold. */
export function checkLimits(candidate: Limits): void {
  for (const [relation, holds] of relationsOf(candidate)) {
    if (!holds) throw new Error(`limits.ts: ${relation} does not hold.`)
  }
}

function relationsOf(candidate: Limits): [relation: string, holds: boolean][] {
  const { apiKeys, batch, database, defaults, file, healthCommand, history, holds, hours, http } =
    candidate
  const { imports, matchBatch, metrics, migration, operations, server, shutdown, tidy } = candidate
  const { webhooks } = candidate
  const { quick, bulk } = operations.deadlineMs
  const stopMs = shutdown.drainMs + shutdown.closeDatabaseMs + shutdown.flushLogMs
  return [
    // The most specific bound is reached first, because its error explains most.
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
    ['migration.stepMs < transactionMs', migration.stepMs < database.transactionMs],
    ['server.lingerMs < batch.waitMs', server.lingerMs < batch.waitMs],
    // Each namespace whose hour is over gets one row at most.
    ['hours.rolledMax <= hours.prunedMax', hours.rolledMax <= hours.prunedMax],
    ['imports.writeMs < batch.waitMs', imports.writeMs < batch.waitMs],
    // The general limit leaves room for all that the specific ones admit.
    [
      'queueMax + bulkWritesWaitingMax <= waitingMax',
      batch.queueMax + database.bulkWritesWaitingMax <= operations.waitingMax,
    ],
    ['requestsMax <= tidy.lapsedMax', batch.requestsMax <= tidy.lapsedMax],
    ['requestsMax <= queueMax', batch.requestsMax <= batch.queueMax],
    ['matchBatch.sliceMax <= requestsMax', matchBatch.sliceMax <= batch.requestsMax],
    // Calls of match/batch leave most of the queue to others.
    [
      '2 * matchBatch.runningMax * sliceMax <= queueMax',
      2 * matchBatch.runningMax * matchBatch.sliceMax <= batch.queueMax,
    ],
    [
      'matchBatch.startMs + quick deadline < http.idleSeconds',
      matchBatch.startMs + quick < http.idleSeconds * 1_000,
    ],
    [
      '2 * matchBatch.runningShareMax <= runningMax',
      2 * matchBatch.runningShareMax <= matchBatch.runningMax,
    ],
    ['sniffedBytes <= headBytes', imports.sniffedBytes <= imports.headBytes],
    ['writeRowsMin <= writeRowsMax', imports.writeRowsMin <= imports.writeRowsMax],
    ['countedBodyMinBytes <= bodiesMinBytes', http.countedBodyMinBytes <= http.bodiesMinBytes],
    [
      'jsonWorkerMs + bulk deadline < http.idleSeconds',
      http.jsonWorkerMs + bulk < http.idleSeconds * 1_000,
    ],
    // One namespace leaves to the others as much as it can use.
    [
      '2 * bodiesShareMinBytes <= bodiesMinBytes',
      2 * http.bodiesShareMinBytes <= http.bodiesMinBytes,
    ],
    ['2 * importsShareMax <= importsMax', 2 * http.importsShareMax <= http.importsMax],
    [
      '2 * streamedListsShareMax <= streamedListsMax',
      2 * http.streamedListsShareMax <= http.streamedListsMax,
    ],
    ['defaults.bodyBytes <= bodiesMinBytes', defaults.bodyBytes <= http.bodiesMinBytes],
    // Who held an item is looked up in the history.
    [
      'holds.rememberedMs <= history.daysMin',
      holds.rememberedMs <= history.daysMin * 24 * 3_600_000,
    ],
    // The contract: a deleted key stops working within a second.
    ['apiKeys.cachedMs <= a second', apiKeys.cachedMs <= 1_000],
    ['lookupsMax <= lookupsWaitingMax', apiKeys.lookupsMax <= apiKeys.lookupsWaitingMax],
    ['cachedMs < lastUseStepMs', apiKeys.cachedMs < apiKeys.lastUseStepMs],
    // Everyone is answered before they give up.
    [
      'holdMs + quick deadline + overdueCheckMs <= drainMs',
      shutdown.holdMs + quick + operations.overdueCheckMs <= shutdown.drainMs,
    ],
    ['the steps of a shutdown < killedAfterMs', stopMs < shutdown.killedAfterMs],
    [
      'file.checkpointOnCloseMs < closeDatabaseMs',
      file.checkpointOnCloseMs < shutdown.closeDatabaseMs,
    ],
    ['server.closeMs <= closeDatabaseMs', server.closeMs <= shutdown.closeDatabaseMs],
    ['webhooks.resolveMs < tryMs', webhooks.resolveMs < webhooks.tryMs],
    // Nothing is sent by a second instance while the first one may still be about to tell what became of it.
    [
      'webhooks.tryMs + 2 * transactionMs < leaseMs',
      webhooks.tryMs + 2 * database.transactionMs < webhooks.leaseMs,
    ],
    ['webhooks.sendingShareMax < sendingMax', webhooks.sendingShareMax < webhooks.sendingMax],
    [
      'all of webhooks.retryAfterMs < keptMs',
      2 * webhooks.retryAfterMs.reduce((sum, ms) => sum + ms, 0) < webhooks.keptMs,
    ],
    ['metrics.databaseMs < scrapeMs', metrics.databaseMs < metrics.scrapeMs],
    [
      'healthCommand.answerMs < dockerTimeoutMs',
      healthCommand.answerMs < healthCommand.dockerTimeoutMs,
    ],
  ]
}

type Widened<Value> = Value extends number
  ? number
  : { [Name in keyof Value]: Widened<Value[Name]> }

checkLimits(limits)
