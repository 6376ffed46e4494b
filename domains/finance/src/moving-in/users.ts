/** Users come first: all else is somebody's. They keep their ids and password hashes; who is here already stays as is. */
import type { ImportedUser, ImportOutcome, UserStore } from '@ackord/server';
import type { Tally } from './tally.ts';

/** Users per statement. */
const CHUNK = 1_000;

/** Ids of those that are here afterwards; of a dry run, would be. */
export async function moveUsers(
  { users: store, isDryRun }: { readonly users: UserStore; readonly isDryRun: boolean },
  tally: Tally,
  users: readonly ImportedUser[],
): Promise<ReadonlySet<string>> {
  const here = new Set<string>();
  const emails = new Set<string>();
  tally.read(users.length);
  for (let start = 0; start < users.length; start += CHUNK) {
    const chunk = users.slice(start, start + CHUNK);
    const outcomes = isDryRun ? await rehearse(store, chunk, emails) : await store.importUsers(chunk);
    for (const [index, { id }] of chunk.entries()) {
      const outcome = outcomes[index] ?? 'email-taken';
      if (outcome === 'email-taken') tally.leftOut({ table: 'users', id, reason: EMAIL_TAKEN });
      else {
        here.add(id);
        tally.count(outcome === 'created' ? 'created' : 'unchanged');
      }
    }
  }
  return here;
}

const EMAIL_TAKEN =
  'Its e-mail belongs, but for case, to another user here. Change it over there and run this again.';

/** `emails`: of those who would have been made so far. */
async function rehearse(
  store: UserStore,
  chunk: readonly ImportedUser[],
  emails: Set<string>,
): Promise<readonly ImportOutcome[]> {
  const known = new Set((await store.usersById(chunk.map(({ id }) => id))).map(({ id }) => id));
  const outcomes: ImportOutcome[] = [];
  for (const { id, email } of chunk) {
    const key = email.toLowerCase();
    if (known.has(id)) outcomes.push('known');
    else if (emails.has(key) || (await store.credentialsByEmail(email))) outcomes.push('email-taken');
    else {
      emails.add(key);
      outcomes.push('created');
    }
  }
  return outcomes;
}
