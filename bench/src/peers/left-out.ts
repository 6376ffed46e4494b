/** What would belong among the peers and was not measured, each with the reason in one sentence. For the report to print. */
export interface LeftOut {
  readonly name: string;
  readonly version: string;
  readonly reason: string;
}

export const LEFT_OUT: readonly LeftOut[] = [
  {
    name: 'pouchdb-server (the command)',
    version: '4.2.0',
    reason:
      'It starts express-pouchdb, which is measured itself, with PouchDB 9 instead of the PouchDB 7 of the command.',
  },
  {
    name: 'RxDB client with its own database',
    version: '15.39.0',
    reason:
      'It allows sixteen collections in a process, too few for the devices measured; they speak the replication endpoints of its server directly.',
  },
];
