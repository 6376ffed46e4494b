/**
 * How PostgreSQL is set up for a small server, each value with its reason. Given on the command line at every start,
 * so a new version of Ackord brings its values along and no file has to be edited.
 */
export const POSTGRES_SETTINGS: Readonly<Record<string, string>> = {
  // An acknowledged change survives a power failure (invariant I1).
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // Enough for the hot pages of a million records; the rest stays in the system's cache.
  shared_buffers: '128MB',
  // The server's pools are far smaller; the rest is for an operator's tools.
  max_connections: '60',
  // Bounds the disk space of the log and the time of a recovery to a few seconds.
  max_wal_size: '1GB',
  // Fewer full-page images than with 5 minutes; max_wal_size still bounds the recovery.
  checkpoint_timeout: '15min',
  // pglz, the one method in these binaries, costs more time of a small machine than the disk gains.
  wal_compression: 'off',
  // All hot statements are short: compiling them costs more than it saves.
  jit: 'off',
  // SSDs.
  random_page_cost: '1.1',
  // Large scans were a quarter faster than with 'sync', at the same start time; the hot path reads cached pages anyway.
  io_method: 'worker',
  io_workers: '2',
  // One big read must not take the cores from the committers; and the small /dev/shm of containers can't hold parallel joins.
  max_parallel_workers_per_gather: '0',
  // Same answers on every machine.
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  // No contents of users in the log (invariant I12): neither statements nor the details that quote values.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  // The reader of the log adds its own time.
  log_line_prefix: '',
  log_destination: 'stderr',
  logging_collector: 'off',
};

/** Bounds of waiting, in milliseconds. */
export const EMBEDDED_WAITS = {
  /** From the launch until connections are accepted; a recovery of max_wal_size takes a few seconds. */
  startMsMax: 120_000,
  /** For the last processes of a database that was killed: its successor can't start before they are gone. */
  remainsMsMax: 15_000,
  /** Between two looks while something starts or ends. */
  lookMs: 5,
  /** A fast shutdown: sessions are cut, a checkpoint is written. */
  fastStopMsMax: 10_000,
  /** An immediate shutdown: the next start recovers from the log, nothing that was committed is lost. */
  immediateStopMsMax: 5_000,
  /** After the last resort. */
  killMsMax: 5_000,
  /** Before each new try when the database ended by itself, the last one again and again; anew after a calm time. */
  restartDelaysMs: [0, 200, 1_000, 5_000],
  calmMs: 60_000,
} as const;
