/** What the sessions of the native protocol share in one server. */
import type { Engine } from '../../engine/engine.ts';
import type { Door } from '../../http/door.ts';
import type { FairGate } from '../../limits/fair-gate.ts';
import type { Logger } from '../../observe/logger.ts';
import type { PushGate } from './push-gate.ts';
import type { Rooms } from './rooms.ts';

export interface SyncTools {
  readonly engine: Engine;
  readonly rooms: Rooms;
  /** Reading pages goes through here. */
  readonly pulls: FairGate;
  readonly pushes: PushGate;
  /** Nobody reads while others still come in. */
  readonly door: Door;
  readonly logger: Logger;
  /** The life of the database. */
  readonly epoch: () => number;
  /** Hash of a domain's entity types; null: there is no such domain. */
  readonly schemaOf: (domain: string) => string | null;
}
