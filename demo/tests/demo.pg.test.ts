/** The whole story, as `npm run demo` plays it: a process of its own, a real server, real PostgreSQL. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger, createServer, parseConfig, type Server } from '@ackord/server';
import { travelDomain, travelGraphQL } from '@ackord/travel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getTestPostgres, type TestDatabase } from '../../tests/support/postgres.ts';
import { makeTempFolder, type TempFolder } from '../../tests/support/temp-folder.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder: TempFolder;
beforeAll(async () => {
  folder = await makeTempFolder('ackord-demo-test');
});
afterAll(() => folder.remove());

interface Played {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
  /** The last lines that have something on them. */
  readonly end: readonly string[];
}

/** The story finds its temporary folder in ours, so that we see what it leaves. */
function start(...args: string[]): ChildProcess {
  const env = { ...process.env, TMPDIR: folder.path };
  return spawn(process.execPath, ['--import', '@ackord/run-typescript', MAIN, ...args], {
    cwd: ROOT,
    env,
    stdio: 'pipe',
  });
}

async function finished(child: ChildProcess): Promise<Played> {
  let [output, errors] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const end = output.trimEnd().split('\n').slice(-8);
  return { code, output, errors, end };
}

const play = (...args: string[]): Promise<Played> => finished(start(...args));

const leftovers = async (): Promise<string[]> =>
  (await readdir(folder.path)).filter((name) => name.startsWith('ackord-demo-'));

/** What holds for every story that has come to its end. */
function expectEqual({ code, output, errors, end }: Played): void {
  expect(errors).toBe('');
  expect(end.at(-1)?.trim()).toBe('Both phones and the server are equal.');
  expect(code).toBe(0);
  const total = /all together +([\d,]+) +(\w+)… +\2… +\2… +equal/.exec(output);
  expect(Number(total?.[1]?.replace(',', ''))).toBeGreaterThanOrEqual(1_000);
  expect(output).not.toContain('DIFFERENT');
  const types = /By type: ([^.]*?)\n\n/.exec(output)?.[1]?.replaceAll(/\s+/g, ' ').split(', ') ?? [];
  const numbers = new Map(types.map((text) => text.split(' ') as [string, string]));
  expect([...numbers.keys()]).toEqual([
    'TagCategory',
    'Tag',
    'BucketListItem',
    'Trip',
    'Memory',
    'MediaItem',
    'GPXTrack',
  ]);
  for (const number of numbers.values()) expect(Number(number.replace(',', ''))).toBeGreaterThan(0);
}

describe('the story', { timeout: 120_000 }, () => {
  test('ends with equal digests, on a server of its own that leaves nothing behind', async () => {
    const played = await play();
    expectEqual(played);
    expect(await leftovers()).toEqual([]);
    const { output } = played;
    expect(output).not.toContain('\u001b');
    for (const line of output.split('\n')) expect(line.length).toBeLessThanOrEqual(96);

    // Each kind of meeting, decided as it must be.
    for (const [what, lines] of Object.entries(MEETINGS)) expect(output, what).toMatch(lines);
    expect(output).toContain('10 changes: 4 merged, 3 decided as conflicts, 3 applied');
    expect(output).toMatch(
      /sends (\d+) changes once more, under their old ids: \d+ answered as before, 1\s+refused/,
    );
    expect(output).toContain('On both phones the first is called "Where we began" now.');
    expect(output).toMatch(/there are two: "The north behind us" and "Last light in the\s+north"/);
    expect(output).toMatch(/refused +Trip "Up to the Gotthard": FORBIDDEN/);
    expect(output).toMatch(/= Clara and the server: equal digests/);
  });

  test('stops cleanly when it is interrupted', async () => {
    const child = start();
    const played = finished(child);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    expect(await leftovers()).toHaveLength(1);
    child.kill('SIGINT');
    const { code, output } = await played;
    expect(output).toContain('Interrupted; cleaning up.');
    expect(code).toBe(130);
    expect(await leftovers()).toEqual([]);
  });
});

const MEETINGS = {
  'different fields': /merged .*\n.*title "Before the dark" +stands\n.*place "Airolo" +stands\n/,
  'the same field':
    /conflict .*\n.*does not stand, but is kept\n.*"The north behind us" +stands \(the later edit\)\n/,
  'the same text': /merged .*\n.*text \+"Day two.*\n.*text \+"The conductor.*\n +now +text "Day two/,
  'the same list': /merged .*\n.*tags \+train -.*\n.*tags \+tired\n +now +tags .*(tired, train|train, tired)/,
  'the same tag': /one tag +Tag "tunnel".*\n.*on Anna's phone 2 memories have it, on Ben's 2\n/,
  'a deletion and a picture':
    /conflict .*\n.*deletes it .*kept\n.*adds a picture to it +stands \(the later edit\)\n/,
  'a move and a title':
    /merged .*\n.*moves it to "Down the Ticino" +stands\n.*"Still on the first trip\?" +stands\n/,
  'the later one second':
    /conflict +Trip .*\n.*"Up to the snow" .*kept\n.*"Up to the pass" +stands \(the later edit\)\n/,
  'a clock that is fast': /conflict .*\n.*12:05.*"Where we began" .*kept\n.*12:40.*"Where it began" +stands/,
};

describe('with GPX files, against a server that runs already', { timeout: 120_000 }, () => {
  let database: TestDatabase;
  let server: Server;
  beforeAll(async () => {
    database = await (await getTestPostgres()).createDatabase();
    const parsed = parseConfig({
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: database.ownerUrl,
      ACKORD_DATA_DIR: folder.path,
    });
    if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
    server = await createServer({
      config: parsed.config,
      domains: [{ definition: travelDomain, graphql: travelGraphQL, path: '/graphql' }],
      logger: createLogger({ level: 'silent' }),
    });
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });

  test('all that can be read comes into the journal, and what cannot is told in a line', async () => {
    const { url } = await server.listen();
    const tracks = join(folder.path, 'tracks');
    await mkdir(tracks);
    for (const [name, text] of Object.entries(FILES)) await writeFile(join(tracks, name), text);
    const played = await play('--gpx', tracks, '--url', url);
    expectEqual(played);
    // However the lines are broken.
    const output = played.output.replaceAll(/\s+/g, ' ');
    expect(output).toContain('a-walk.gpx 1 way of 0.3 km in 4 points, 1 waypoint, 1 point without a place');
    expect(output).toContain('bombs.gpx left out: it brings a DTD, which no GPX file needs');
    expect(output).toContain('page.gpx left out: it is no GPX: its root element is <html>');
    // The trip, its track, three memories of the way and one of the waypoint.
    expect(output).toContain('Ben sends 6 changes: 6 applied');
    expect(output).toContain('Trip A walk 6 ');
  });
});

const FILES = {
  'a-walk.gpx': `<?xml version="1.0"?><gpx version="1.1" creator="by hand"><metadata><name>A walk</name></metadata>
    <wpt lat="44.35" lon="9.23"><name>A bench</name></wpt><wpt lat="144.35" lon="9.23"/>
    <trk><name>Round the pier</name>
    <trkseg><trkpt lat="44.350" lon="9.230"><ele>2</ele><time>2020-05-01T10:00:00Z</time></trkpt>
    <trkpt lat="44.351" lon="9.230"><ele>9</ele></trkpt></trkseg>
    <trkseg><trkpt lat="44.351" lon="9.231"/><trkpt lat="44.353" lon="9.231"/></trkseg></trk></gpx>`,
  'bombs.gpx': '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa">]><gpx>&a;</gpx>',
  'page.gpx': '<html><body>Not found</body></html>',
};

describe('what cannot be played', () => {
  test.each([
    [['--gpx', '/nowhere/at/all'], 2, 'demo: --gpx /nowhere/at/all: there is no such folder.\n'],
    [
      ['--gpx', fileURLToPath(new URL('.', import.meta.url))],
      2,
      'there is no file in it whose name ends in .gpx.\n',
    ],
    [['--fast'], 2, "demo: Unknown option '--fast'. See: npm run demo -- --help\n"],
  ])('%j', async (args, code, text) => {
    const played = await play(...args);
    expect(played.errors).toContain(text);
    expect(played.errors.trimEnd().split('\n')).toHaveLength(1);
    expect(played.code).toBe(code);
  });

  test('a server that does not run', async () => {
    const free = createNetServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    const { code, errors } = await play('--url', `http://127.0.0.1:${port}`);
    const url = `http://127.0.0.1:${port}/graphql`;
    expect(errors).toBe(`demo: ${url}: the server does not answer (ECONNREFUSED).\n`);
    expect(code).toBe(1);
  });

  test('--help', async () => {
    const { code, output, errors } = await play('--help');
    expect([code, errors]).toEqual([0, '']);
    expect(output).toContain('npm run demo -- --gpx <folder>');
  });
});
