/**
 * Every limit of Ackord, in one place. Units stand last in the names. Whatever can be set from outside
 * (see the server's config) starts from the value here.
 */
export const LIMITS = {
  // One submission
  changesPerSubmissionMax: 10_000,
  bodyBytesMax: 50 * 1024 * 1024,
  textLengthMax: 100_000,
  nameLengthMax: 1_000,
  idLengthMax: 64,
  changeIdLengthMax: 128,
  deviceIdLengthMax: 128,
  listItemsMax: 1_000,
  jsonDepthMax: 32,
  recordBytesMax: 1024 * 1024,
  /** A word that an app has for something: a kind, an operator, a day. */
  wordLengthMax: 128,
  /** What a JSON number carries without loss. */
  decimalDigitsMax: 15,
  decimalTextLengthMax: 1_000,
  /** Beyond what any double needs (5e-324, 1.8e308); more would only blow up the text. */
  decimalExponentMax: 400,

  // Lanes and commits (architecture: group commit)
  batchChangesMax: 512,
  batchBytesMax: 2 * 1024 * 1024,
  turnChangesMax: 256,
  laneChangesMax: 50_000,
  queueChangesMax: 200_000,
  /** Where the first of a lane has waited for so long, no more is taken in. */
  laneWaitMsMax: 10_000,
  busyRetryMs: 1_000,
  committers: 3,
  waitingCommittersMax: 2,
  gatherChangesMax: 64,
  gatherMsMax: 10,
  placeReadsMax: 1,
  /** How long it counts for the first guess of where a change goes that somebody had a role, and that nothing waited. */
  placeKnownMs: 10_000,
  rolesKnownMax: 100_000,
  locationsKnownMax: 20_000,
  scopeSkipsMax: 3,
  scopeReplacingsMax: 5,
  scopeLockWaitMsMax: 2_000,
  commitAttemptsMax: 5,
  internalFailuresMax: 5,
  cascadeRecordsMax: 10_000,

  // Database
  databaseConnectionsMax: 10,
  /** Of the own PostgreSQL, for all workers together; it has some more for tools. */
  embeddedConnectionsMax: 50,
  databaseConnectMsMax: 5_000,
  databaseIdleConnectionMsMax: 60_000,
  databaseKeepAliveMs: 10_000,
  sessionEndMsMax: 1_000,

  // Waiting for a parent
  waitingPerActorMax: 1_000,
  awaitedParentsMax: 1_000,
  awaitedLookMs: 10_000,

  // Feed and conflicts
  pageRowsDefault: 100,
  pageRowsMax: 5_000,
  pageBytesMax: 8 * 1024 * 1024,
  countedRowsMax: 100_000,
  cursorBytesMax: 64 * 1024,
  cursorInlineBytesMax: 1_500,
  bookmarksPerUserMax: 4_096,
  conflictsDefault: 20,
  conflictsMax: 500,
  scopesPerUserMax: 10_000,
  newsRecordsMax: 2_000,
  headPollMs: 1_500,
  /** Every so many looks at the heads it is also looked whose roles have changed. */
  accessPollTurns: 3,
  failuresPerUserMax: 1_000,
  failureTextLengthMax: 1_000,

  // Time
  clockSkewMsMax: 5 * 60_000,
  timestampOverlapMs: 60_000,
  statementMsMax: 30_000,
  /** So long a server that is frozen holds up the others, at most. */
  idleTransactionMsMax: 3_000,
  /** So long the leader leads without renewing its lease; how often it renews it, and others look whether it is free. */
  leaseMs: 5_000,
  leaseLookMs: 1_500,
  tombstoneRetentionDays: 180,
  trimEveryMs: 3_600_000,
  trimRowsMax: 5_000,

  // Ways
  /** As JSON they stay below 512 KB. */
  trackPointsPerRecordMax: 5_000,
  routePointsPerCallMax: 50_000,

  // Memory of the server
  /** A heap with more in it is collected when it has grown by so much; see bound-garbage.ts. */
  heapLargeBytes: 100 * 1024 * 1024,
  heapGrowthPercent: 18,
  heapLookMs: 100,

  // Callers
  graphqlDepthMax: 12,
  /** Brackets of any kind around one another, those of arguments too. */
  graphqlNestingMax: 200,
  graphqlAliasesMax: 50,
  graphqlTokensMax: 5_000,
  graphqlDocumentCharsMax: 1_000_000,
  /** Fields of a document, those of fragments wherever they are spread. */
  graphqlFieldsMax: 2_000,
  /** Records and points in the lists of one answer. */
  graphqlRecordsMax: 200_000,
  /** Links followed for one answer, each time that they are. */
  graphqlLinksMax: 500_000,
  /** Fields of the documents that are kept parsed and compiled, at some 2 KB a field; 20 characters count as one. */
  graphqlKeptFieldsMax: 20_000,
  /** A document with more is not compiled: that would hold up everybody else for a tenth of a second. */
  graphqlCompiledFieldsMax: 300,
  /** Connections that are made and not yet taken; the system may allow fewer. When all come back at once, none is dropped. */
  connectionsKnockingMax: 4_096,
  /** How long pages wait for those who still come in. */
  doorCrowdedMsMax: 3_000,
  requestsPerMinuteMax: 6_000,
  /** A first upload of so many goes through at once. */
  changesPerMinuteMax: 120_000,
  tenantChangesPerMinuteMax: 240_000,
  loginAttemptsPerMinuteMax: 20,
  passwordLengthMin: 8,
  passwordLengthMax: 1_024,
  tokenLifeSeconds: 7 * 24 * 3600,
  membersPerScopeMax: 1_000,
  emailLengthMax: 254,
  registrationsPerMinuteMax: 20,
  // A hash takes 32 MB and a thread for about a fifth of a second.
  passwordHashesAtOnceMax: 2,
  passwordHashesWaitingMax: 64,
  /** A wrong password is answered at a full multiple of it, whatever it was compared with. */
  passwordRefusalMs: 500,
  tokenClockToleranceSeconds: 5,
  userCacheMs: 5_000,
  userCacheEntriesMax: 50_000,
  trackedCallersMax: 100_000,

  // Keys of an identity provider
  jwksCacheMs: 600_000,
  jwksCooldownMs: 30_000,
  jwksFetchMsMax: 5_000,

  // HTTP
  connectionsMax: 20_000,
  anonymousBodyBytesMax: 128 * 1024,
  /** Lists and objects inside of one another; rows lie some levels deep, their values as deep as jsonDepthMax. */
  bodyDepthMax: 64,
  bodyValuesMax: 1_000_000,
  /** Of one object. Each of them costs the parser as much as ten values in a list. */
  bodyMembersMax: 10_000,
  bodyBytesInFlightMax: 256 * 1024 * 1024,
  headerReceiveMsMax: 30_000,
  requestReceiveMsMax: 120_000,
  keepAliveMs: 72_000,
  readinessMsMax: 2_000,
  shutdownMsMax: 30_000,
  stopStepMsMax: 10_000,
  /** Processes that share a port. */
  workersMax: 64,
  /** A worker that ended by itself is started again after so long, each time twice as long, anew after a calm time. */
  workerRestartMs: 100,
  workerRestartMsMax: 10_000,
  workerCalmMs: 30_000,
  /** What other processes have counted comes within this time or is left out. */
  workerMetricsMsMax: 2_000,
  /** Bytes between two processes that the other one has not read yet; what comes on top is dropped. */
  workerBytesUnderWayMax: 16 * 1024 * 1024,
  conflictLinesPerSyncMax: 50,

  // REST
  /** JSON bodies; a route may have a limit of its own. */
  restBodyBytesMax: 8 * 1024 * 1024,
  /** Faults that one refusal lists. */
  restFaultsMax: 100,
  multipartFieldsMax: 20,
  multipartFieldBytesMax: 16 * 1024,
  /** Shorter answers are sent as they are. */
  compressFromBytes: 1_024,

  // Logos
  logoBytesMax: 5 * 1024 * 1024,
  /** Looked at before a picture is decoded: that takes up to eight bytes a pixel. */
  logoPixelsMax: 4_000_000,
  logoSideMax: 128,
  /** For one picture, with the start of a thread. */
  logoMsMax: 15_000,
  logosWaitingMax: 16,

  // Sockets. Real clients send bursts of 30 messages, some 40 in a second.
  socketsMax: 20_000,
  socketsPerAddressMax: 20_000,
  socketsPerTenantMax: 1_000,
  /** Beyond it a socket ends with 1009; messages above entryBytesMax are refused by an answer. */
  socketFrameBytesMax: 16 * 1024 * 1024,
  socketMessagesPerSecondMax: 1_000,
  socketMessageBurstMax: 5_000,
  /** So many more characters make a message count as one more: reading them takes time, however small they were packed. */
  socketMessageCharsPerCount: 4_096,
  socketThrottledMsMax: 60_000,
  /** A message that could not be read costs as much as so many good ones. */
  badMessageCost: 20,
  /** Messages of one socket whose answers are not there yet: then it is read no further. */
  socketMessagesUnderWayMax: 512,
  socketBufferBytesMax: 64 * 1024 * 1024,
  /** A socket that has more than this to read is not pushed to, but catches up later. */
  socketBehindBytesMax: 1024 * 1024,
  socketCloseMsMax: 2_000,
  socketKeepAliveMs: 30_000,
  /** Where more sockets share a tenant, none of them is told again what another one may have got late. */
  tellAgainSocketsMax: 20,
  /** How long after the last of them moved it is looked whether accounts have their groups. */
  groupsLookMs: 2_000,
  /** Records of which a socket remembers what it was sent of them. */
  socketRecordsRememberedMax: 5_000,
  socketArrivalsRememberedMax: 64,
  /** What a socket is told beside the room's news are answers to its own changes: few, and soon over. */
  socketBesideRememberedMax: 64,
  /** Between two questions whether what was sent has arrived. */
  socketProbeMs: 250,
  /** With many sockets in a room the questions are fewer. */
  socketProbeMsPerSocket: 200,
  /** An edit that was made sooner after something had arrived does not count as made in its knowledge. */
  socketSeenMarginMs: 1_000,
  /** How long sockets are served one after the other before others get a turn. */
  fanOutTurnMs: 2,
  /**
   * On a busy server a room that was served rests for so long per socket: what happens meanwhile goes out together. Below
   * the first share of a busy event loop nobody rests, from the second on all of it counts.
   */
  fanOutMsPerSocket: 10,
  fanOutRestMsMax: 1_000,
  fanOutCalmShare: 0.4,
  fanOutBusyShare: 0.8,
  socketCatchUpMs: 500,
  /** How often it is looked whether a socket has read what it was sent. */
  socketDrainLookMs: 20,
  syncPageRowsMax: 2_000,
  /** Operations of GraphQL that are carried out at once; the others wait. */
  graphqlCallsAtOnceMax: 100,
  /** Pushes that are being decided: enough to fill batches. The others wait as text, and a place counts for so long. */
  pushesAtOnceMax: 256,
  pushPlaceMsMax: 500,
  /** Of all, and what each one takes besides its text. */
  pushWaitingBytesMax: 64 * 1024 * 1024,
  pushWaitingBytesEach: 1_024,
  /** Pages of sessions that are read at the same time, or are on their way: all of them are in memory. */
  pullsAtOnceMax: 48,
  /** Pages that are read at one moment, by one connection; and how many such at once. */
  pagesPerSnapshotMax: 16,
  pageSnapshotsMax: 3,
  /** A page that can't have so many rows shares its statement with others. */
  shortPageRowsMax: 200,
  /** A session from which nothing is heard for so long is ended; half of that later it is asked for a sign of life. */
  syncSilenceMsMax: 60_000,
  /** What sessions have pushed when a server stops is answered within this time, or sent again elsewhere. */
  syncFarewellMsMax: 5_000,
  /** Sessions that a stopping server closes come back spread over so long. */
  resumeSpreadMs: 1_000,
  entriesPerBatchMax: 1_000,
  /** Deletions that an app without cursors is told of after it has loaded everything, the newest. */
  deletionsToldMax: 10_000,
  loadChunkRecordsMax: 5_000,
  checksumsKeptMax: 500_000,
  /** How often the checksums of a tenant that moves are cached for servers that begin anew. */
  checksumsCachedMs: 30_000,
  retriesPerTenantMax: 1_000,
  retriesMax: 20_000,
  retryAttemptsMax: 12,
  retryBaseMs: 1_000,
  retryMsMax: 60_000,
  retryJitter: 0.125,
  failedEntriesKeptMax: 100,

  // Bus and cache
  /** Channels of the bus; every server hears all of them. */
  busChannels: 64,
  /** What a commit wrote rides along up to this size; beyond it the others read it from the store. */
  busNewsBytesMax: 16 * 1024,
  busMessageBytesMax: 256 * 1024,
  /** Announcements that wait for the end of a turn of the event loop, and bytes that Redis has not answered yet. */
  busPendingMax: 20_000,
  busBytesUnderWayMax: 8 * 1024 * 1024,
  /** How often a connection is asked whether it still hears its channels, and a cluster which node has which. */
  busCheckMs: 2_000,
  busTopologyMs: 10_000,
  busFarewellMsMax: 500,
  redisConnectMsMax: 2_000,
  /** A Redis that has not answered for so long is taken for gone, and connected to anew. */
  redisSilenceMsMax: 2_000,
  redisRetryMsMax: 1_000,
  cacheBytesMax: 96 * 1024 * 1024,
  /** Names of pages that are remembered because nobody has asked for them twice. */
  missedPagesMax: 4_096,
  cacheValueBytesMax: 8 * 1024 * 1024,
  cacheTtlSeconds: 3_600,
  /** What the shared cache has not answered by then is a miss. */
  cacheWaitMsMax: 250,
  cacheFailuresMax: 3,
  cacheRestMs: 5_000,
  cacheAsksMax: 256,
  cacheWriteBytesMax: 32 * 1024 * 1024,

  // Logs, sessions and checkpoints of tenants
  modelRowsMax: 500,
  modelRowsDefault: 100,
  /** How long what is recorded waits for company before it is written. */
  modelsFlushMs: 250,
  /** Rows that wait while the database is away; beyond it the oldest are dropped. */
  modelsBufferedMax: 20_000,
  refusalsPerTenantMax: 10_000,
  checkpointsPerScopeMax: 100,
  restoreChangesPerBatchMax: 1_000,
  restoreRoundsMax: 3,
  /** Ids that a restore or a check names; the others are counted. */
  restoreIdsToldMax: 100,

  // GraphQL subscriptions
  socketsPerUserMax: 100,
  subscriptionsPerSocketMax: 20,
  subscribeCharsMax: 128 * 1024,
  /** To subscribe costs as much as so many other messages. */
  subscribeCost: 20,
  /** How long a client may read nothing of what waits for it. */
  slowReaderMsMax: 20_000,
  /** Pieces of news that wait for one subscription; beyond it they are read from the store. */
  newsWaitingMax: 32,
  /** Viewers for whom the same news are read at the same time. */
  viewersAtOnceMax: 4,
  /** How often the conflicts of a subscriber are looked at although nobody has said anything. */
  conflictLookMs: 30_000,

  socketCredentialsMsMax: 10_000,
  socketAccessLookMs: 30_000,
  compressBytesMin: 1_024,
  compressionsAtOnceMax: 4,

  // Files
  fileBytesMax: 200 * 1024 * 1024,
  coverBytesMax: 20 * 1024 * 1024,
  fileNameLengthMax: 512,
  fileRequestsMax: 1_000,
  filesPendingPerUserMax: 10_000,
  fileUrlSecondsDefault: 3_600,
  /** What S3 allows too. */
  fileUrlSecondsMax: 604_800,
  thumbnailUrlSeconds: 900,
  coverUrlSeconds: 1_800,
  uploadsAtOnceMax: 256,
  transferSilenceMsMax: 30_000,
  uploadMsMax: 3_600_000,
  /** Files whose bytes are read at the same time, to learn their checksum. */
  fileReadsAtOnceMax: 4,
  fileGraceDays: 30,
  sweepEveryMs: 600_000,
  sweepRowsMax: 500,
  /** After so long a sweep that broke off is taken up by another one. */
  sweepLeaseMs: 600_000,
  /** How often a file that is in use is looked at again. */
  fileCheckMs: 24 * 3_600_000,

  // GPX files: a day of a track that takes a point every second has 86,400 of them
  gpxBytesMax: 50 * 1024 * 1024,
  gpxPointsMax: 1_000_000,
  gpxSegmentsMax: 10_000,
  gpxDepthMax: 100,
  gpxAttributesMax: 200,
  gpxTextLengthMax: 20_000,
  gpxElevationMetersMax: 100_000,

  // SQLite files of finance tenants
  sqliteFileBytesMax: 64 * 1024 * 1024,
  importChangesMax: 1_000,
  /** Of all tables of a file. */
  sqliteRowsMax: 200_000,
  sqliteTablesMax: 1_000,
  sqliteValueBytesMax: 1024 * 1024,
  /** Rows that could not be taken and are told one by one; the others are counted. */
  sqliteProblemsMax: 1_000,
  /** A file that takes longer was made to. */
  sqliteMsMax: 60_000,
  sqliteHeapMegabytesMax: 1_024,
  /** Files that wait for the one that is being read or written. */
  sqliteWaitingMax: 8,
} as const;
