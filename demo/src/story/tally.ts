/** What has been counted while the story went on. */
export interface Tally {
  changesSent: number;
  sendingMs: number;
  recordsReceived: number;
  receivingMs: number;
  applied: number;
  merged: number;
  conflicts: number;
  pending: number;
  refused: number;
  replayed: number;
}

export const createTally = (): Tally => ({
  changesSent: 0,
  sendingMs: 0,
  recordsReceived: 0,
  receivingMs: 0,
  applied: 0,
  merged: 0,
  conflicts: 0,
  pending: 0,
  refused: 0,
  replayed: 0,
});
