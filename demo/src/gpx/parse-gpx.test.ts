import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GPX_LIMITS } from './limits.ts';
import { parseGpx } from './parse-gpx.ts';
import { writeGpx } from './write-gpx.ts';

const gpx = (content: string, start = '<?xml version="1.0"?>\n') =>
  `${start}<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="a test">${content}</gpx>`;

async function read(text: string) {
  const result = await parseGpx([text]);
  if (!result.ok) throw new Error(result.reason);
  return result.file;
}

async function refusal(text: string): Promise<string> {
  const result = await parseGpx([text]);
  return result.ok ? 'taken' : result.reason;
}

describe('what is in a GPX file', () => {
  test('a track with segments, times and heights', async () => {
    const file = await read(
      gpx(`<metadata><name>Tour</name><time>2024-05-01T08:00:00Z</time></metadata>
        <trk><name>  Up\n the hill </name><desc><![CDATA[<b>steep</b>]]></desc><type>cycling</type>
        <trkseg><trkpt lat="46.5" lon="8.5"><ele>1200.5</ele><time>2024-05-01T09:00:00.5Z</time></trkpt>
        <trkpt lon="8.6" lat="46.6"/></trkseg><trkseg><trkpt lat="1" lon="2"/></trkseg></trk>`),
    );
    expect(file).toMatchObject({
      creator: 'a test',
      name: 'Tour',
      time: Date.UTC(2024, 4, 1, 8),
      unusablePoints: 0,
    });
    const nowhere = { elevation: null, time: null };
    expect(file.tracks).toEqual([
      {
        kind: 'track',
        name: 'Up the hill',
        description: '<b>steep</b>',
        activity: 'cycling',
        segments: [
          [
            { latitude: 46.5, longitude: 8.5, elevation: 1200.5, time: Date.UTC(2024, 4, 1, 9, 0, 0, 500) },
            { latitude: 46.6, longitude: 8.6, ...nowhere },
          ],
          [{ latitude: 1, longitude: 2, ...nowhere }],
        ],
      },
    ]);
  });

  test('a route, and waypoints', async () => {
    const file = await read(
      gpx(`<wpt lat="1" lon="2"><name>Camp &amp; fire</name><cmt>wood</cmt></wpt>
        <rte><name>Way</name><rtept lat="1" lon="2"><name>0 km</name></rtept><rtept lat="1" lon="3"/></rte>`),
    );
    expect(file.waypoints).toMatchObject([{ name: 'Camp & fire', description: 'wood' }]);
    expect(file.tracks).toMatchObject([
      { kind: 'route', name: 'Way', segments: [[{ longitude: 2 }, { longitude: 3 }]] },
    ]);
  });

  test('the name of a GPX 1.0 file stands beside its tracks', async () => {
    const file = await read(
      '<gpx version="1.0" creator="old"><name>Old</name><time>2001-01-01T00:00:00</time></gpx>',
    );
    expect(file).toMatchObject({
      name: 'Old',
      creator: 'old',
      time: Date.UTC(2001, 0, 1),
      tracks: [],
      waypoints: [],
    });
  });

  test("prefixes, also undeclared ones, and extensions don't matter", async () => {
    const file = await read(
      `<g:gpx><g:trk><g:extensions><x:name>no</x:name><g:trkseg><g:trkpt lat="9" lon="9"/></g:trkseg></g:extensions>
        <g:name>yes</g:name><g:trkseg><g:trkpt lat="1" lon="2"><g:extensions><ele>9</ele></g:extensions><g:ele>5</g:ele></g:trkpt>
        </g:trkseg></g:trk></g:gpx>`,
    );
    expect(file.tracks).toMatchObject([{ name: 'yes', segments: [[{ latitude: 1, elevation: 5 }]] }]);
    expect(file.tracks[0]?.segments).toHaveLength(1);
  });

  test('points without a place on earth are left out and counted', async () => {
    const points = [
      'lat="91" lon="0"',
      'lat="0" lon="181"',
      'lat="x" lon="0"',
      'lon="0"',
      'lat="" lon="0"',
      'lat="1e999" lon="0"',
    ];
    const file = await read(
      gpx(`<trk><trkseg>${points.map((at) => `<trkpt ${at}/>`).join('')}</trkseg></trk>`),
    );
    expect(file).toMatchObject({ tracks: [], unusablePoints: points.length });
  });

  test('bad times and heights are none', async () => {
    const file = await read(
      gpx('<wpt lat="1" lon="2"><ele>high</ele><time>2024-02-30T00:00:00Z</time></wpt>'),
    );
    expect(file.waypoints).toMatchObject([{ point: { elevation: null, time: null } }]);
  });
});

describe('what is refused, with a sentence', () => {
  test.each([
    ['', 'is empty'],
    ['hello', 'is not well-formed XML'],
    ['{"type":"FeatureCollection"}', 'is not well-formed XML'],
    ['<html><body/></html>', 'is no GPX: its root element is <html>'],
    ['<gpx><trk></gpx>', 'is not well-formed XML'],
    ['<gpx><trk>', 'is not well-formed XML'],
    ['<gpx>&unknown;</gpx>', 'is not well-formed XML'],
    ['<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><gpx>&b;</gpx>', 'brings a DTD'],
    ['<!DOCTYPE gpx SYSTEM "file:///etc/passwd"><gpx/>', 'brings a DTD'],
    [
      `<gpx>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</gpx>`,
      `is nested deeper than ${GPX_LIMITS.depthMax} levels`,
    ],
  ])('%s', async (text, reason) => {
    expect(await refusal(text)).toContain(reason);
    expect((await refusal(text)).split('\n')).toHaveLength(1);
  });

  test('more points than anybody records', async () => {
    function* endless() {
      yield '<gpx><trk><trkseg>';
      for (;;) yield '<trkpt lat="1" lon="2"/>'.repeat(1_000);
    }
    const result = await parseGpx(endless());
    expect(result).toEqual({ ok: false, reason: `has more than ${GPX_LIMITS.pointsMax} points` });
  });
});

test('it makes no difference where a document is cut into pieces', async () => {
  const text = gpx('<wpt lat="1.25" lon="2.5"><name>Zürich &amp; more</name><ele>408</ele></wpt>');
  const whole = await read(text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 8 }), async (cuts) => {
      const sorted = [0, ...cuts.sort((a, b) => a - b), text.length];
      const pieces = sorted.slice(1).map((end, at) => text.slice(sorted[at], end));
      expect(await parseGpx(pieces)).toEqual({ ok: true, file: whole });
    }),
  );
});

test('what was written is read again', async () => {
  const track = {
    kind: 'track',
    name: 'Häuser & <Brücken>',
    description: null,
    activity: 'cycling',
    segments: [[{ latitude: 46.123456, longitude: -8.5, elevation: 12.5, time: 1_700_000_000_123 }]],
  } as const;
  const result = await parseGpx(writeGpx(track, 'Ackord "demo"'));
  expect(result).toMatchObject({ ok: true, file: { creator: 'Ackord "demo"', tracks: [track] } });
});
