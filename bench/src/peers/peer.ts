/**
 * What is measured side by side: a sync server and its own client, each used the way that its makers mean it to be used.
 * One module exports one peer, or several that differ in a setting. The server runs in a process of its own; clients live
 * in the process that measures, in a process that is neither the server's nor its database's.
 */

/** About 400 bytes as JSON. All peers are given the same ones. */
export interface BenchRecord {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly amount: number;
  readonly editedAt: string;
}

export type Durability =
  /** Acknowledged after a commit that reached the disk. */
  | 'commit'
  /** Acknowledged when handed to the operating system, or written later. */
  | 'later'
  /** Kept in memory only. */
  | 'memory';

export interface Peer {
  readonly name: string;
  readonly version: string;
  readonly durability: Durability;
  /** What differs from the others, said plainly: who decides, what an acknowledgement means, what is not kept. */
  readonly differences: string;
  /** `folder` is empty and its own; it is removed afterwards. */
  start(folder: string): Promise<RunningPeer>;
}

export interface RunningPeer {
  /** A device of its own, connected, that has nothing yet. All devices see the same records. */
  connect(): Promise<PeerClient>;
  /** Of the server's processes without the database's, in megabytes: resident. */
  memory(): Promise<number>;
  /** Ends all its processes. */
  stop(): Promise<void>;
}

export interface PeerClient {
  /** Many new records in the peer's bulk form; resolves when all are acknowledged. */
  push(records: readonly BenchRecord[]): Promise<void>;
  /** One record, new or changed; resolves when it is acknowledged. */
  change(record: BenchRecord): Promise<void>;
  /** Everything that this device has not got yet, parsed; resolves with the number of records. */
  pull(): Promise<number>;
  /** From now on tells of every record that another device wrote, as it comes; resolves when that is so. */
  listen(onRecord: (id: string) => void): Promise<void>;
  close(): Promise<void>;
}
