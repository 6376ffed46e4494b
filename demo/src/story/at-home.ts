/** Day 9: back home, Anna looks at what did not stand, and takes back what she does not agree with. */
import type { JsonValue } from '@ackord/core';
import { CONFLICTS, RESOLVE } from '../phone/documents.ts';
import { ServerFault } from '../phone/server-fault.ts';
import type { EntityName } from '../phone/wire.ts';
import { cut } from '../print/wrap.ts';
import { checkEqual, fetchNews } from './exchange.ts';
import type { Story } from './story.ts';

interface Conflict {
  readonly id: string;
  readonly entityType: EntityName;
  readonly entityId: string;
  readonly conflictType: string;
  readonly status: string;
  readonly strategy: string;
  readonly winner: string | null;
  readonly conflictedFields: readonly string[];
  /** JSON texts: *local* is the server's side, *remote* the phone's. */
  readonly localData: string;
  readonly remoteData: string;
  readonly localTimestamp: string;
  readonly remoteTimestamp: string;
}

const CONFLICTS_MAX = 50;
const NAME_LENGTH_MAX = 26;

/** `disputed`: the memory whose title Ben's wrong clock decided. */
export async function atHome(story: Story, disputed: string): Promise<void> {
  const { timeline, clock, anna, ben } = story;
  timeline.chapter('Day 9 - At home');
  const conflicts = await lostConflicts(story);
  timeline.event('18:00', 'Anna', `looks at what did not stand: ${conflicts.length} edits, all of them kept`);
  for (const conflict of conflicts) timeline.row(conflictText(story, conflict));

  const wrong = conflicts.find(({ entityId }) => entityId === disputed);
  if (wrong) await takeBack(story, wrong);
  const titles = conflicts.find((one) => one !== wrong && one.conflictedFields.includes('title'));
  const second = titles ? await keepBoth(story, titles) : null;

  await fetchNews(story, anna, clock.at(9, '18:10'));
  await fetchNews(story, ben, clock.at(9, '18:11'));
  if (wrong) {
    const title = ben.replica.get('Memory', disputed)?.fields.title;
    timeline.detail(`On both phones the first is called "${title}" now.`, 'good');
  }
  if (titles && second !== null) {
    const both = [titles.entityId, second].map((id) => `"${ben.replica.get('Memory', id)?.fields.title}"`);
    timeline.detail(`Of the other there are two: ${both.join(' and ')}.`, 'good');
  }
  await checkEqual(story, [anna, ben]);
}

async function lostConflicts({ anna }: Story): Promise<readonly Conflict[]> {
  const answer = await anna.connection.ask<{ getConflicts: readonly Conflict[] }>(CONFLICTS, {
    limit: CONFLICTS_MAX,
  });
  if (!answer.ok) throw new ServerFault('getConflicts', answer);
  return answer.data.getConflicts.toSorted((a, b) => Date.parse(lostAt(a)) - Date.parse(lostAt(b)));
}

/** When the edit was made that does not stand. The phones share an account, so it may be either's. */
const lostAt = ({ winner, localTimestamp, remoteTimestamp }: Conflict): string =>
  winner === 'client' ? localTimestamp : remoteTimestamp;

function conflictText({ ledger, clock }: Story, conflict: Conflict): string {
  const { entityType, entityId, conflictedFields, localTimestamp, remoteTimestamp } = conflict;
  const when = (time: string) => clock.label(Date.parse(time));
  const what = conflict.conflictType === 'DELETION_CONFLICT' ? 'deletion' : conflictedFields.join(', ');
  const name = `"${cut(ledger.nameOf(entityType, entityId), NAME_LENGTH_MAX)}"`.padEnd(NAME_LENGTH_MAX + 2);
  const lost = lostAt(conflict);
  const stands = lost === localTimestamp ? remoteTimestamp : localTimestamp;
  return `${name} ${what.padEnd(8)}  ${when(lost)}; what stands: ${when(stands)}`;
}

/** Her values are in the conflict; they go back in as a person's decision. */
async function takeBack(story: Story, conflict: Conflict): Promise<void> {
  const { timeline, ledger } = story;
  const mine = JSON.parse(conflict.remoteData) as { readonly [field: string]: JsonValue };
  const data = Object.fromEntries(conflict.conflictedFields.map((field) => [field, mine[field] ?? null]));
  await resolve(story, conflict, 'MANUAL_RESOLUTION', JSON.stringify(data));
  const name = ledger.nameOf(conflict.entityType, conflict.entityId);
  timeline.event(
    '18:04',
    'Anna',
    `undoes what the wrong clock did to "${name}": resolveConflict, MANUAL_RESOLUTION`,
  );
}

/** Gives back the id of the second memory. */
async function keepBoth(story: Story, conflict: Conflict): Promise<string | null> {
  const { timeline, ledger } = story;
  const newId = await resolve(story, conflict, 'KEEP_BOTH', null);
  const name = ledger.nameOf(conflict.entityType, conflict.entityId);
  const text = `wants both titles of "${name}": resolveConflict, KEEP_BOTH makes a second memory`;
  timeline.event('18:06', 'Anna', newId === null ? `${text}, but none came` : text);
  return newId;
}

/** The id of a record that was made, if one was. */
async function resolve(
  { anna }: Story,
  { id }: Conflict,
  strategy: string,
  data: string | null,
): Promise<string | null> {
  const answer = await anna.connection.ask<{ resolveConflict: { newEntityId: string | null } }>(RESOLVE, {
    id,
    strategy,
    data,
  });
  if (!answer.ok) throw new ServerFault('resolveConflict', answer);
  return answer.data.resolveConflict.newEntityId;
}
