/** The configuration for a command: the environment, the file .env below it, options of the command line above it. */
import { type Config, parseConfig } from '@ackord/server';

/** Prints what is wrong, one line per problem, and gives null. */
export function readConfiguration(
  overrides: Readonly<Record<string, string | null>> = {},
): { readonly config: Config; readonly warnings: readonly string[] } | null {
  loadEnvFile();
  const given = Object.entries(overrides).filter((entry): entry is [string, string] => entry[1] !== null);
  const parsed = parseConfig({ ...process.env, ...Object.fromEntries(given) });
  if (parsed.ok) return parsed;
  for (const problem of parsed.problems) process.stderr.write(`${problem}\n`);
  process.stderr.write('docs/configuration.md lists all settings.\n');
  return null;
}

function loadEnvFile(): void {
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
