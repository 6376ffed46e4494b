/** `ackord import travel`: moves a travel journal in from the older server. Prints what it did as a table. */
import { createRegistry } from '@ackord/core';
import { createEngine, DatabaseFailure, openMovedRows } from '@ackord/server';
import { MovingStopped, moveIn, openSource, type Source } from '@ackord/travel';
import { readConfiguration } from '../configuration.ts';
import { bundledDomains } from '../domains.ts';
import { filesReport, findFiles } from '../find-files.ts';
import { movingReport } from '../moving-report.ts';
import { withDatabase } from './with-database.ts';

/** As many as commit at once, and one for reads beside them. */
const CONNECTIONS = 4;

/** Resolves with the exit code: 0 when all is in, 1 when something was left out or could not be read. */
export async function importTravel(options: {
  readonly from: string;
  readonly isDryRun: boolean;
  readonly withFiles: boolean;
}): Promise<number> {
  const configured = readConfiguration();
  if (!configured) return 1;
  const source = await open(options.from);
  if (source === null) return 1;
  const { config } = configured;
  try {
    return await withDatabase(
      config,
      async ({ store, users, urls, files: table }) => {
        const registry = createRegistry(bundledDomains.map(({ definition }) => definition));
        const engine = createEngine({ registry, store, ...config.sync });
        const log = (line: string): void => void process.stderr.write(`${line}\n`);
        const moved = openMovedRows({
          url: urls.appUrl ?? urls.ownerUrl,
          source: `travel ${source.name}`,
          log,
        });
        try {
          const { isDryRun } = options;
          const onStep = (table: string): void => void process.stderr.write(`reading "${table}"\n`);
          const result = await moveIn({ source, engine, store, users, moved, isDryRun, onStep });
          if (!result.ok) return failed(result.message);
          process.stdout.write(movingReport(result.report));
          if (options.withFiles) {
            const found = await findFiles({ config: config.files, table, engine, moved, store });
            process.stdout.write(filesReport(found));
          }
          return result.report.problemCount === 0 ? 0 : 1;
        } finally {
          await engine.stop();
          await moved.close();
        }
      },
      CONNECTIONS,
    );
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === null) throw error;
    return failed(`${reason} What is in stays in; run the same command again, and it goes on.`);
  } finally {
    await source.close().catch(() => {});
  }
}

async function open(url: string): Promise<Source | null> {
  if (!/^postgres(ql)?:\/\//i.test(url)) {
    failed(NO_ADDRESS);
    return null;
  }
  try {
    return await openSource(url);
  } catch (error) {
    failed(unreadable(url, error));
    return null;
  }
}

/** What was given stays unsaid: it may be a password. */
const NO_ADDRESS =
  '--from: that is no address of a PostgreSQL database. It must begin with postgres://, as in postgres://reader@old-host:5432/travel.';

function unreadable(url: string, error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_URL') return NO_ADDRESS;
  const code = codeOf(error);
  if (code === '3D000') {
    const name = databaseOf(url);
    const which = name === null ? 'The address names no database.' : `There is no database ${name} there.`;
    return `--from: ${which} Check the name at the end of the address.`;
  }
  return `--from: the database can't be read (${code ?? 'no answer'}). Check the address, the login and that it may read the tables.`;
}

/** Quoted; null: the address has none. */
function databaseOf(url: string): string | null {
  const name = /^[a-z]+:\/\/[^/?#]*\/([^?#]+)/i.exec(url)?.[1];
  return name === undefined ? null : JSON.stringify(decodeURIComponent(name));
}

/** One sentence, without what a driver says: its texts may hold values of rows. */
function reasonOf(error: unknown): string | null {
  if (error instanceof MovingStopped) return error.message;
  if (error instanceof DatabaseFailure) return 'The new database does not answer.';
  const code = codeOf(error);
  return code === null ? null : `The older database could not be read any further (${code}).`;
}

/** Of PostgreSQL or of the system. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string' && /^([0-9A-Z]{5}|E[A-Z]+)$/.test(error.code))
    return error.code;
  return /^(Connection terminated|Client has encountered|timeout expired)/.test(error.message)
    ? 'connection lost'
    : null;
}

function failed(line: string): 1 {
  process.stderr.write(`${line}\n`);
  return 1;
}
