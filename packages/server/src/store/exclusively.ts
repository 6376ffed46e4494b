/** One server at a time: servers that start at once on the same database take turns. */
import type { Connection } from './connection.ts';

/** Any number will do, as long as no other software locks the same one. */
const LOCK = 7_305_427_118;

/** Runs the work under an advisory lock of the session, which a crash gives back. Waits for its turn. */
export async function exclusively<T>(owner: Connection, work: () => Promise<T>): Promise<T> {
  await owner.command(`SELECT pg_advisory_lock(${LOCK})`);
  try {
    return await work();
  } finally {
    await owner.command(`SELECT pg_advisory_unlock(${LOCK})`).catch(() => {});
  }
}
