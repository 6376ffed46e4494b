/**
 * The database that comes with the server: a real PostgreSQL as a child process on a folder of its own.
 *
 * Reads from start to end: place the data, prepare the programs, make the database if there is none, end what a dead
 * server left behind, launch. Promises: one server per folder; whatever was committed is there at the next start,
 * however this one ended; should PostgreSQL end by itself, it is started again under the same connection strings.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareBinaries } from './embedded-binaries.ts';
import { ensureCluster } from './embedded-cluster.ts';
import {
  chooseEndpoint,
  connectionStrings,
  endpointSettings,
  passwordsIfNeeded,
} from './embedded-endpoint.ts';
import { EmbeddedPostgresError, systemErrorCode } from './embedded-errors.ts';
import { placeData } from './embedded-folder.ts';
import { endOrphan, findOccupant, inUse, SERVER_SETTING } from './embedded-occupant.ts';
import { type LaunchRequest, launchPostmaster, type Postmaster } from './embedded-postmaster.ts';
import { identityOf } from './embedded-process.ts';
import { EMBEDDED_WAITS, POSTGRES_SETTINGS } from './embedded-settings.ts';
import { keepRunning } from './embedded-supervisor.ts';

export interface EmbeddedPostgresOptions {
  /** ACKORD_DATA_DIR; made when missing. The database gets a folder of its own inside. */
  readonly dataFolder: string;
  /** Receives PostgreSQL's log and our notes, line by line. */
  readonly onLog?: (line: string) => void;
  /** Overrides of POSTGRES_SETTINGS. `fsync: 'off'` also spares the disk at the first start: for tests only. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** As the application's role, which may do what the migrations grant. For the `pg` library; database `ackord`. */
  readonly connectionString: string;
  /** As the owner, who migrates. */
  readonly ownerConnectionString: string;
  /** Where the database files are; not below the folder asked for, if PostgreSQL's user can't reach that. */
  readonly dataFolder: string;
  /** The PostgreSQL that runs now; another one after it had to be started again. */
  readonly pid: number;
  /** For example '18.4'. */
  readonly version: string;
  /** Stops it in order and returns when no process of it is left. May be called again. */
  stop(): Promise<void>;
}

/** Rejects with an EmbeddedPostgresError, whose code and text tell an operator what to do. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    return await start(options);
  } catch (error) {
    const code = systemErrorCode(error);
    if (error instanceof EmbeddedPostgresError || code === undefined) throw error;
    throw new EmbeddedPostgresError(
      'DATA_FOLDER_UNUSABLE',
      // The system's message begins with its code.
      `The data folder ${options.dataFolder} can't be used (${error instanceof Error ? error.message : code}). ` +
        'Usual causes: another owner, a read-only file system, no room. Correct that, or choose another ACKORD_DATA_DIR.',
    );
  }
}

async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.onLog ?? (() => {});
  const server = (await identityOf(process.pid)) ?? `${process.pid}-unknown`;
  const place = await placeData(options.dataFolder);
  const binaries = await prepareBinaries(place.account, place.dataFolder);
  const passwords = await passwordsIfNeeded(place.dataFolder);
  const durable = options.settings?.fsync !== 'off';
  await ensureCluster({ place, binaries, maker: server, durable, passwords });
  const endpoint = await chooseEndpoint(place, passwords);
  const settings = {
    ...POSTGRES_SETTINGS,
    ...options.settings,
    ...endpointSettings(endpoint),
    [SERVER_SETTING]: server,
  };
  const running = await keepRunning(() => bringUp({ place, binaries, settings, log }), log);
  const { owner, app } = connectionStrings(endpoint);
  return {
    connectionString: app,
    ownerConnectionString: owner,
    dataFolder: place.cluster,
    get pid() {
      return running.pid();
    },
    version: binaries.version,
    stop: running.stop,
  };
}

/** Launches PostgreSQL when nobody else works on the folder, and waits for the last processes of a killed one. */
async function bringUp(request: Omit<LaunchRequest, 'stalePid'>): Promise<Postmaster> {
  const end = Date.now() + EMBEDDED_WAITS.remainsMsMax;
  const { cluster } = request.place;
  for (;;) {
    const occupant = await findOccupant(cluster);
    if (occupant.kind === 'server') throw inUse(cluster, occupant);
    if (occupant.kind === 'orphan') await endOrphan(occupant.postgres, request.log);
    const stalePid = occupant.kind === 'nobody' ? occupant.stalePid : undefined;
    const launch = await launchPostmaster({ ...request, stalePid });
    if (launch.kind === 'ready') return launch.postmaster;
    if (!mayPass(launch.lastLines) || Date.now() > end) throw startFailed(cluster, launch.lastLines);
    await sleep(EMBEDDED_WAITS.lookMs);
  }
}

/** Another start was faster, or processes of a killed PostgreSQL still hold its memory. */
const mayPass = (lastLines: string): boolean =>
  /lock file "[^"]*" (already exists|is empty)|pre-existing shared memory block/.test(lastLines);

function startFailed(cluster: string, lastLines: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'START_FAILED',
    `PostgreSQL did not start on ${cluster}. Usual causes: no room on the disk, too little memory, or damaged files. ` +
      `Its last words:\n${lastLines}`,
  );
}
