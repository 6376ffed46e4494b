/** Hostile arguments for the file operations: whatever comes, the answer is one that was meant. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, journalOf, type Loose, type Person } from '../gaps/ground.ts';
import {
  ASSIGN_COVER,
  COMPLETE,
  COVER_UPLOAD,
  CREATE_UPLOAD,
  DOWNLOAD_QUERY,
  DOWNLOADS,
  type FileGround,
  GPX_UPLOAD,
  startFiles,
  UPLOAD_QUERY,
  UPLOADS,
} from './file-ground.ts';

let ground: FileGround;
let anna: Person;
let mine: string[];
beforeAll(async () => {
  ground = await startFiles();
  anna = await ground.person();
  const { picture, way, parent, note } = await journalOf(anna);
  const { picture: foreign } = await journalOf(await ground.person());
  mine = [picture.id, way.id, parent.id, note.id, foreign.id, picture.id.toUpperCase()];
});
afterAll(async () => {
  expect(ground.server.log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  await ground.close();
});

const NASTY = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '..',
  '../../etc/passwd',
  'a/../b',
  "'; DROP TABLE file; --",
  '{"a":1}',
  '%2e%2e%2f',
  'media/x',
  'x'.repeat(5_000),
  '\u202egpj.exe',
  'image/jpeg\r\nx: y',
  '__proto__',
];

const CODES = new Set(['BAD_USER_INPUT', 'FORBIDDEN', undefined]);

test('no call ends in an internal error, and none tells what it should not', {
  timeout: 120_000,
}, async () => {
  const word = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'a.jpg',
        'day.gpx',
        'image/jpeg',
        'image/png',
        'MediaItem',
        'GPXTrack',
        'Trip',
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    { weight: 2, arbitrary: fc.nat({ max: 5 }).map((at) => mine[at] ?? '') },
    { weight: 1, arbitrary: fc.constant(null).map(() => randomUUID()) },
  );
  const seconds = fc.oneof(
    fc.constantFrom(null, 0, -1, 1, 3600, 604_800, 604_801, 2 ** 31 - 1),
    fc.integer(),
  );
  const words = <const T extends readonly string[]>(...names: T) =>
    fc.record(Object.fromEntries(names.map((name) => [name, word])));
  const request = words('entityId', 'entityType', 'objectName', 'mimeType');
  const call = fc.oneof(
    fc.tuple(
      fc.constant(UPLOADS),
      fc.record({ requests: fc.array(request, { maxLength: 4 }), expiresIn: seconds }),
    ),
    fc.tuple(fc.constant(COMPLETE), words('entityId', 'entityType', 'objectName')),
    fc.tuple(
      fc.constant(DOWNLOADS),
      fc.record({
        mediaItemIds: fc.option(fc.array(word, { maxLength: 5 })),
        gpxTrackIds: fc.option(fc.array(word, { maxLength: 5 })),
        expiresIn: seconds,
      }),
    ),
    fc.tuple(fc.constantFrom(CREATE_UPLOAD, UPLOAD_QUERY), words('filename', 'mimeType')),
    fc.tuple(fc.constant(GPX_UPLOAD), words('filename')),
    fc.tuple(fc.constant(DOWNLOAD_QUERY), words('objectKey')),
    fc.tuple(fc.constant(COVER_UPLOAD), words('tripId', 'contentType')),
    fc.tuple(fc.constant(ASSIGN_COVER), words('tripId', 'objectName')),
  );
  await fc.assert(
    fc.asyncProperty(call, async ([query, variables]) => {
      // `ask` looks for words of the database and of the sources in every answer.
      const answer = await anna.ask(query, variables as Loose);
      expect([answer.status, CODES.has(codeOf(answer) as string)]).toEqual([200, true]);
    }),
    { numRuns: 1_500 },
  );
});
