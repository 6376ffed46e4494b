/** Prepares what the story needs, has it played, says how long it took, and cleans up, whatever happens. */
import { listGpxFolder } from './gpx/read-folder.ts';
import { loadCities } from './journey/cities.ts';
import { createRandom } from './journey/random.ts';
import { ServerFault } from './phone/server-fault.ts';
import { count, createTimeline, type Timeline } from './print/timeline.ts';
import { type OwnServer, startOwnServer } from './server/own-server.ts';
import type { GpxFolder } from './story/bring-gpx.ts';
import { createLedger } from './story/ledger.ts';
import { play } from './story/play.ts';
import { NotEqual } from './story/story.ts';
import { createStoryClock } from './story/story-clock.ts';
import { createTally, type Tally } from './story/tally.ts';

export interface DemoOptions {
  readonly gpx: string | null;
  readonly url: string | null;
}

const SEED = 20_260_501;
const END = { day: 9, time: '20:00' } as const;

/** Resolves with the exit code. */
export async function demo({ gpx, url }: DemoOptions): Promise<number> {
  const folder = gpx === null ? null : await openFolder(gpx);
  if (typeof folder === 'string') {
    process.stderr.write(`demo: ${folder}\n`);
    return 2;
  }
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  // Nobody reads on: `npm run demo | head`.
  process.stdout.on('error', interrupt);
  const timeline = createTimeline(terminal());
  let own: OwnServer | null = null;
  try {
    const start = performance.now();
    own = url === null ? await startOwnServer() : null;
    await tell(timeline, { url: url ?? own?.url ?? '', own, folder, start, signal: interruption.signal });
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) {
      timeline.line('Interrupted; cleaning up.');
      return 130;
    }
    if (!(error instanceof NotEqual || error instanceof ServerFault)) throw error;
    process.stderr.write(`demo: ${error.message}\n`);
    return 1;
  } finally {
    await own?.close();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
  }
}

interface Setting {
  readonly url: string;
  readonly own: OwnServer | null;
  readonly folder: GpxFolder | null;
  readonly start: number;
  readonly signal: AbortSignal;
}

async function tell(timeline: Timeline, { url, own, folder, start, signal }: Setting): Promise<void> {
  const cities = loadCities();
  const ready = performance.now();
  const tally = createTally();
  timeline.title('Two phones, one journal', [
    ['server', own ? `${url}, its own, with PostgreSQL ${own.postgresVersion}` : url],
    ['phones', "Anna's and Ben's: one journal, one account, two devices that are often offline"],
    ['places', `${count(cities.count)} towns of the world (GeoNames)`],
  ]);
  await play(
    {
      url,
      signal,
      timeline,
      cities,
      tally,
      clock: createStoryClock(Date.now(), END),
      random: createRandom(SEED),
      ledger: createLedger(),
    },
    folder,
  );
  for (const line of own?.complaints ?? []) timeline.text(`The server's log says: ${line}`);
  timeline.line('');
  for (const line of closing(tally, ready - start, performance.now() - start)) timeline.text(line);
}

function closing(tally: Tally, startMs: number, totalMs: number): string[] {
  const { applied, merged, conflicts, pending, refused, replayed } = tally;
  const rate = (number: number, ms: number) =>
    `${count(number)} in ${seconds(ms)} (${count((number / ms) * 1000)} a second)`;
  const kept = pending > 0 ? `, ${count(pending)} waiting for a person` : '';
  return [
    `Changes: ${count(applied)} applied, ${count(merged)} merged, ${count(conflicts)} decided as conflicts${kept}, ${count(refused)} refused.`,
    `Of those applied, ${count(replayed)} were sent twice, since an answer was lost, and still applied once.`,
    `Sent, each counted once: ${rate(tally.changesSent, tally.sendingMs)}. Received: ${rate(tally.recordsReceived, tally.receivingMs)}.`,
    `It took ${seconds(totalMs)}, ${seconds(startMs)} of them to start.`,
    'Both phones and the server are equal.',
  ];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** The folder, or a sentence that says why it is none. */
async function openFolder(path: string): Promise<GpxFolder | string> {
  const names = await listGpxFolder(path);
  if (names === null) return `--gpx ${path}: there is no such folder.`;
  if (names.length === 0) return `--gpx ${path}: there is no file in it whose name ends in .gpx.`;
  return { path, names };
}

function terminal() {
  const { stdout, env } = process;
  const isTerminal = stdout.isTTY === true;
  return {
    isTerminal,
    colors: isTerminal && !env.NO_COLOR,
    columns: isTerminal ? stdout.columns : 92,
    write: (text: string) => void stdout.write(text),
  };
}
