/** Settings of a user's app: the later edit stands, and what was chosen here without a time gives way to any. */
import type { Engine } from '@ackord/server';
import { editSettings } from '../rest/settings.ts';
import type { Tally } from './tally.ts';
import type { ImportedSettings } from './users-file.ts';

export async function moveSettings(
  { engine, isDryRun, now }: { readonly engine: Engine; readonly isDryRun: boolean; readonly now: number },
  tally: Tally,
  { user, edit, updatedAt }: ImportedSettings,
): Promise<void> {
  const actor = { userId: user };
  const find = () => engine.records(actor, [{ type: 'finance.UserSettings', id: user }]);
  const [before] = await find();
  tally.read(1);
  if (isDryRun) return tally.count(before ? 'unchanged' : 'created');
  // Settings without a time are older than any that have one.
  const edited = await editSettings({ engine, now: () => now }, actor, edit, updatedAt ?? 0);
  if (!edited.ok) {
    const reason = edited.answer.status === 503 ? BUSY : 'Its values are none that an app can choose.';
    return tally.leftOut({ table: 'user_settings', id: user, reason });
  }
  if (before === undefined) tally.count('created');
  else tally.count(edited.settings.version > before.version ? 'changed' : 'unchanged');
}

const BUSY = 'The server had no time for it. Run this again.';
