import { expect, test } from 'vitest';
import { bytesOf, gpxText, read, routeText, streamOf, trackText } from '../../tests/gpx/files.ts';
import type { Gpx } from './gpx.ts';
import { readGpx } from './read-gpx.ts';

const pointsOf = ({ points }: Gpx) => Array.from({ length: points.length }, (_, index) => points.at(index));
const HERE = { latitude: 47.5, longitude: 8.25 };
const THERE = { latitude: 47.6, longitude: 8.25, elevation: -12.5, time: Date.UTC(2024, 5, 1, 8, 0, 0, 250) };

test('tracks with several segments, missing times and elevations, names and descriptions', async () => {
  const head = '<name> Over\n the  hill </name><desc>With\nlines</desc><type>hiking</type>';
  const gpx = await read(
    gpxText(`<metadata><name>A day</name></metadata>${trackText([[HERE, THERE], [], [THERE]], head)}`),
  );
  expect(gpx).toMatchObject({
    creator: 'a hand',
    name: 'A day',
    description: null,
    routes: [],
    waypointCount: 0,
  });
  expect(gpx.tracks).toEqual([
    {
      name: 'Over the hill',
      description: 'With\nlines',
      type: 'hiking',
      segments: [
        { from: 0, to: 2 },
        { from: 2, to: 3 },
      ],
    },
  ]);
  expect(pointsOf(gpx)).toMatchObject([
    { ...HERE, elevation: null, time: null, step: 0 },
    THERE,
    { ...THERE, step: 0 },
  ]);
});

test('GPX 1.0, whose name stands beside the tracks, without a namespace or a declaration', async () => {
  const gpx = await read(
    `<gpx version="1.0" creator="an old one"><name>Old</name><desc>Older</desc><time>2001-01-01T00:00:00Z</time>
     <trk><name>t</name><trkseg><trkpt lat="1" lon="2"><ele>3</ele><time>2001-01-01T00:00:00Z</time><speed>4</speed></trkpt></trkseg></trk></gpx>`,
  );
  expect(gpx).toMatchObject({ creator: 'an old one', name: 'Old', description: 'Older' });
  expect(pointsOf(gpx)).toEqual([
    { latitude: 1, longitude: 2, elevation: 3, time: Date.UTC(2001, 0, 1), step: 0 },
  ]);
});

test('routes have no times; waypoints are counted', async () => {
  const gpx = await read(
    gpxText(
      `<wpt lat="1" lon="2"><ele>5</ele></wpt>${routeText([HERE, THERE], '<name>r</name>')}<wpt lat="1" lon="2"/>`,
    ),
  );
  expect(gpx.tracks).toEqual([]);
  expect(gpx.routes).toEqual([{ name: 'r', description: null, type: null, segments: [{ from: 0, to: 2 }] }]);
  expect(gpx.waypointCount).toBe(2);
  expect(pointsOf(gpx)).toMatchObject([{ time: null }, { elevation: -12.5, time: null }]);
});

test('tracks and routes without a point are left out', async () => {
  const gpx = await read(gpxText('<trk><trkseg/></trk><trk/><rte><name>r</name></rte>'));
  expect(gpx).toMatchObject({ tracks: [], routes: [] });
});

test('elements with the prefix of the root count, all others and extensions do not', async () => {
  const gpx = await read(
    `<g:gpx xmlns:g="http://www.topografix.com/GPX/1/1" xmlns:x="urn:x" creator="c"><g:trk><x:name>no</x:name><name>no</name>
     <g:extensions><g:trkseg><g:trkpt lat="9" lon="9"/></g:trkseg><never:declared/></g:extensions>
     <g:name>yes</g:name><g:trkseg><g:trkpt lat="1" lon="2"><g:extensions><g:ele>7</g:ele></g:extensions></g:trkpt></g:trkseg></g:trk></g:gpx>`,
  );
  expect(gpx.tracks).toMatchObject([{ name: 'yes' }]);
  expect(pointsOf(gpx)).toMatchObject([{ latitude: 1, elevation: null }]);
});

test('character data, entities of XML and comments within a name', async () => {
  const gpx = await read(
    gpxText('<metadata><name>a &amp; b<![CDATA[ <c> ]]><!-- no -->&#233;&#x1F600;</name></metadata>'),
  );
  expect(gpx.name).toBe('a & b <c> é😀');
});

test.each([
  ['no zone: UTC', '2024-06-01T08:00:00', '2024-06-01T08:00:00.000Z'],
  ['an offset', '2024-06-01T10:00:00.5+02:00', '2024-06-01T08:00:00.500Z'],
  ['blanks around', ' 2024-06-01T08:00:00Z\n', '2024-06-01T08:00:00.000Z'],
  ['the year 10000', '10000-01-01T00:00:00Z', null],
  ['the 30th of February', '2024-02-30T00:00:00Z', null],
  ['a day alone', '2024-06-01', null],
  ['words', 'yesterday', null],
  ['nothing', '', null],
])('a time with %s: the point stays, with the time that can be read', async (_, written, expected) => {
  const gpx = await read(
    gpxText(`<trk><trkseg><trkpt lat="1" lon="2"><time>${written}</time></trkpt></trkseg></trk>`),
  );
  const time = pointsOf(gpx)[0]?.time;
  expect(typeof time === 'number' ? new Date(time).toISOString() : time).toBe(expected);
});

test.each([
  ['abc', null],
  ['1e999', null],
  ['NaN', null],
  ['0x10', null],
  ['1e9', null],
  ['', null],
  [' 4.5e2 ', 450],
  ['-430.5', -430.5],
])('an elevation %j: the point stays', async (written, expected) => {
  const gpx = await read(
    gpxText(`<trk><trkseg><trkpt lat="1" lon="2"><ele>${written}</ele></trkpt></trkseg></trk>`),
  );
  expect(pointsOf(gpx)[0]?.elevation).toBe(expected);
});

const FOREIGN = gpxText('<metadata><name>Zürich – Genève</name></metadata>');

test.each([
  ['a byte order mark', Buffer.from(`\ufeff${FOREIGN}`)],
  ['UTF-16, little end first', Buffer.from(`\ufeff${FOREIGN.replace('UTF-8', 'UTF-16')}`, 'utf16le')],
  ['UTF-16, big end first', Buffer.from(`\ufeff${FOREIGN.replace('UTF-8', 'UTF-16')}`, 'utf16le').swap16()],
  ['UTF-16 without a mark', Buffer.from(FOREIGN.replace('UTF-8', 'UTF-16LE'), 'utf16le')],
  ['UTF-16 that only says so', Buffer.from(FOREIGN.replace('UTF-8', 'utf-16'))],
  ['windows-1252', Buffer.from(FOREIGN.replace('UTF-8', 'windows-1252').replace('–', '\x96'), 'latin1')],
])('encodings: %s, in pieces of any size', async (_, bytes) => {
  for (const size of [1, 2, 3, 7, 300]) {
    const result = await readGpx(bytesOf(bytes, size));
    expect(result).toMatchObject({ ok: true, gpx: { name: 'Zürich – Genève' } });
  }
});

test('a stream of text', async () => {
  const result = await readGpx(streamOf(FOREIGN.slice(0, 60), FOREIGN.slice(60)));
  expect(result).toMatchObject({ ok: true, gpx: { name: 'Zürich – Genève' } });
});

test('others get their turn while a long file is read', async () => {
  const points = Array.from({ length: 20_000 }, (_, index) => ({ latitude: 1 + index / 1e5, longitude: 2 }));
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const gpx = await read(gpxText(trackText([points])));
  clearInterval(timer);
  expect(gpx.points.length).toBe(20_000);
  expect(turns).toBeGreaterThan(3);
});
