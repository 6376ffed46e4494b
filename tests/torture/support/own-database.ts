/** The PostgreSQL that a running server keeps for itself. */
import { readRunningNote } from '@ackord/server';

/** Connection string of its owner. */
export async function ownerUrlOf(dataFolder: string): Promise<string> {
  const note = await readRunningNote(dataFolder);
  if (!note) throw new Error(`No server runs on ${dataFolder}`);
  return note.database.ownerUrl;
}
