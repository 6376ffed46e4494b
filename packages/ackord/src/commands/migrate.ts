/** `ackord migrate`: the tables forwards (which every start does too) or, step by step, backwards. */
import { takeBackMigrations } from '@ackord/server';
import { readConfiguration } from '../configuration.ts';
import { withDatabase } from './with-database.ts';

/** Resolves with the exit code. */
export async function migrate(
  options: { readonly direction: 'up' } | { readonly direction: 'down'; readonly to: number },
): Promise<number> {
  const configured = readConfiguration();
  if (!configured) return 1;
  // Opening a database brings it up to date.
  return withDatabase(configured.config, async ({ urls }) => {
    if (options.direction === 'up') {
      process.stdout.write('The tables are up to date.\n');
      return 0;
    }
    const log = (line: string): void => void process.stderr.write(`${line}\n`);
    const names = await takeBackMigrations({ ownerUrl: urls.ownerUrl, to: options.to, log });
    process.stdout.write(
      names.length === 0 ? 'There was nothing to take back.\n' : `Taken back: ${names.join(', ')}\n`,
    );
    return 0;
  });
}
