/**
 * The lives of a database. Cursors and versions hold within one life; a backup that was restored, or a standby that
 * took over, may lack commits that devices have seen, so it begins a new one.
 * Promise: all servers of a database agree on the epoch and on the keys that sign cursors.
 */
import { randomBytes } from 'node:crypto';
import type { Connection } from './connection.ts';

export interface Life {
  readonly epoch: number;
  /** Newest first. */
  readonly cursorKeys: readonly Uint8Array[];
}

/** What tells one life from the next; null where this database does not say. */
interface Identity {
  readonly system: string | null;
  readonly timeline: string | null;
}

interface StoredLife {
  readonly epoch: number;
  /** Base64. */
  readonly cursorKeys: readonly string[];
  readonly identity: Identity;
}

const SETTING = 'life';
const CURSOR_KEY_BYTES = 32;

/** Reads the life, or begins the first or the next one. Call it under `exclusively`. */
export async function claimLife(owner: Connection, log: (line: string) => void): Promise<Life> {
  const identity = await readIdentity(owner);
  const [row] = await owner.rows<{ value: StoredLife }>(
    { name: 'read-life', text: 'SELECT value FROM setting WHERE key = $1' },
    [SETTING],
  );
  const stored = row?.value;
  const life = stored === undefined ? firstLife(identity) : nextLife(stored, identity);
  if (JSON.stringify(life) !== JSON.stringify(stored)) await save(owner, life);
  if (stored !== undefined && life.epoch !== stored.epoch) {
    log(
      `This database is a restored backup or a promoted standby: epoch ${life.epoch} begins, devices will resync.`,
    );
  }
  return { epoch: life.epoch, cursorKeys: life.cursorKeys.map((key) => Buffer.from(key, 'base64')) };
}

const firstLife = (identity: Identity): StoredLife => ({
  epoch: 1,
  cursorKeys: [randomBytes(CURSOR_KEY_BYTES).toString('base64')],
  identity,
});

/** What is not known, now or then, tells nothing. */
function nextLife(stored: StoredLife, identity: Identity): StoredLife {
  const { system, timeline } = stored.identity;
  const isOther = (before: string | null, now: string | null): boolean =>
    before !== null && now !== null && before !== now;
  const isNew = isOther(system, identity.system) || isOther(timeline, identity.timeline);
  return {
    epoch: stored.epoch + (isNew ? 1 : 0),
    cursorKeys: stored.cursorKeys,
    identity: { system: identity.system ?? system, timeline: identity.timeline ?? timeline },
  };
}

async function save(owner: Connection, life: StoredLife): Promise<void> {
  await owner.count(
    {
      name: 'save-life',
      text: `INSERT INTO setting (key, value) VALUES ($1, $2::jsonb)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    },
    [SETTING, JSON.stringify(life)],
  );
}

/** Some managed databases allow neither of the two. */
async function readIdentity(owner: Connection): Promise<Identity> {
  const ask = async (name: string, expression: string): Promise<string | null> => {
    const text = `SELECT ${expression} AS value`;
    const rows = await owner.rows<{ value: string | null }>({ name, text }).catch(() => []);
    return rows[0]?.value ?? null;
  };
  return {
    system: await ask('read-system', '(SELECT system_identifier::text FROM pg_control_system())'),
    // The timeline that is written to now; what pg_control_checkpoint says lags behind a takeover.
    timeline: await ask('read-timeline', 'substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)'),
  };
}
