import { expect, test } from 'vitest';
import { bytesOf, gpxText, refusalOf, trackText } from '../../tests/gpx/files.ts';

const point = (attributes: string): string => gpxText(`<trk><trkseg><trkpt ${attributes}/></trkseg></trk>`);
const doctype = (subset: string, use = ''): string =>
  `<?xml version="1.0"?>\n<!DOCTYPE gpx ${subset}>\n<gpx><metadata><name>${use}</name></metadata></gpx>`;
const LAUGHS = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');

test.each([
  ['a billion laughs', doctype(`[<!ENTITY l0 "ha">${LAUGHS}]`, '&l10;')],
  ['a quadratic blow-up', doctype(`[<!ENTITY a "${'a'.repeat(40_000)}">]`, '&a;'.repeat(20_000))],
  ['an entity from a file', doctype('[<!ENTITY x SYSTEM "file:///etc/passwd">]', '&x;')],
  ['an entity from another computer', doctype('[<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]', '&x;')],
  ['a DTD from another computer', doctype('SYSTEM "http://127.0.0.1:9/gpx.dtd"')],
  ['parameter entities', doctype('[<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]')],
  ['a harmless DOCTYPE', doctype('')],
  ['one in small letters', doctype('').replace('DOCTYPE', 'doctype')],
])('a DOCTYPE: %s', async (_, file) => {
  const message = await refusalOf(file);
  expect(message).toContain('DOCTYPE');
  expect(message).not.toContain('passwd');
});

test('a DTD that never ends', async () => {
  expect(await refusalOf(`<!DOCTYPE gpx [${'<!ENTITY a "b">'.repeat(50_000)}`)).toMatch(
    /DOCTYPE|longer than/,
  );
});

test.each([
  ['cut off within a tag', gpxText('').slice(0, -3), 'ends too early'],
  ['cut off between tags', gpxText('<trk>').slice(0, -6), 'ends too early'],
  ['cut off in a text', '<gpx><metadata><name>abc', 'ends too early'],
  ['cut off before the end of a declaration', '<?xml version="1.0"', 'ends too early'],
  ['an entity that nobody defined', gpxText('<metadata><name>a&nbsp;b</name></metadata>'), 'entity'],
  ['tags that cross', gpxText('<trk><trkseg></trk></trkseg>'), 'not well-formed'],
  ['an attribute without quotes', '<gpx version=1.1></gpx>', 'not well-formed'],
  ['a lone ampersand', gpxText('<metadata><name>a & b</name></metadata>'), 'not well-formed'],
  ['text behind the end', `${gpxText('')}more`, 'not well-formed'],
  ['two documents in one', `${gpxText('')}<gpx/>`, 'more than one outermost'],
  ['a NUL', gpxText('<metadata><name>a\0b</name></metadata>'), 'control characters'],
  ['a NUL as a reference', gpxText('<metadata><name>a&#0;b</name></metadata>'), 'entity'],
  ['half a surrogate pair as a reference', gpxText('<metadata><name>a&#xD800;b</name></metadata>'), 'entity'],
  ['no XML', 'lat,lon\n1,2\n', 'not well-formed'],
  ['JSON', '{"gpx":[]}', 'not well-formed'],
  ['blanks', '  \n ', 'no element "gpx"'],
  ['a comment alone', '<!-- gpx -->', 'no element "gpx"'],
  ['nothing', '', 'empty'],
  ['a page of a website', '<html><body/></html>', 'no GPX'],
  ['KML', '<kml xmlns="http://www.opengis.net/kml/2.2"/>', 'no GPX'],
  [
    'bytes that are no UTF-8',
    Buffer.from(gpxText('<metadata><name>Z\xfcrich</name></metadata>'), 'latin1'),
    'mean nothing in utf-8',
  ],
  ['an encoding that nobody knows', gpxText('').replace('UTF-8', 'klingon-8'), '"klingon-8"'],
  [
    'half a character at the end',
    Buffer.concat([Buffer.from(gpxText('')), Buffer.from([0xe2, 0x82])]),
    'mean nothing',
  ],
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), "can't be read"],
])('%s', async (_, file, words) => {
  expect(await refusalOf(file)).toContain(words);
});

test.each([
  ['lat="NaN" lon="1"', '"lat" of a "trkpt" is missing or no number'],
  ['lat="1" lon="Infinity"', '"lon" of a "trkpt" is missing or no number'],
  ['lat="1e999" lon="1"', 'no number'],
  ['lat="1,5" lon="1"', 'no number'],
  ['lat="" lon="1"', 'no number'],
  ['lat="0x10" lon="1"', 'no number'],
  ['lon="1"', 'no number'],
  ['lat="90.0001" lon="1"', 'not within -90 and 90 degrees'],
  ['lat="1" lon="-180.5"', 'not within -180 and 180 degrees'],
])('coordinates %j', async (attributes, words) => {
  const message = await refusalOf(point(attributes));
  expect(message).toContain(words);
  expect(message).toContain('(line 2)');
});

test('of waypoints and route points too', async () => {
  expect(await refusalOf(gpxText('<wpt lat="x" lon="1"/>'))).toContain('"lat" of a "wpt"');
  expect(await refusalOf(gpxText('<rte><rtept lat="1" lon="200"/></rte>'))).toContain('"lon" of a "rtept"');
});

test('a file over 50 MB, as soon as it is over', async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('<gpx><!-- -->');
    const blanks = Buffer.alloc(1024 * 1024, ' ');
    for (; given < 100; given += 1) yield blanks;
  }
  expect(await refusalOf(endless())).toContain('larger than 50 MB');
  expect(given).toBeLessThan(51);
});

test('an attribute, a comment, a name of megabytes', async () => {
  const long = 'x'.repeat(3_000_000);
  expect(await refusalOf(gpxText('', `creator="${long}"`))).toContain('longer than any GPX file needs');
  expect(await refusalOf(gpxText(`<!-- ${long} -->`))).toContain('longer than any GPX file needs');
  expect(await refusalOf(gpxText(`<${long}/>`))).toContain('longer than any GPX file needs');
  expect(await refusalOf(gpxText(`<metadata><name>${long}</name></metadata>`))).toContain(
    '"name" is longer than 20000',
  );
  expect(await refusalOf(gpxText(`<metadata><name><![CDATA[${long}]]></name></metadata>`))).toContain(
    '"name" is longer',
  );
});

test('long texts that nobody reads do no harm', async () => {
  expect(await refusalOf(gpxText(`<extensions>${'x'.repeat(3_000_000)}</extensions>`))).toBe('not refused');
});

test('ten thousand elements within one another, and as many attributes', async () => {
  expect(await refusalOf(gpxText('<a>'.repeat(10_000)))).toContain('deeper than 100 levels');
  expect(await refusalOf(gpxText(`<extensions>${'<a>'.repeat(10_000)}`))).toContain('deeper than 100 levels');
  const attributes = Array.from({ length: 10_000 }, (_, index) => `a${index}="1"`).join(' ');
  expect(await refusalOf(gpxText(`<extensions ${attributes}/>`))).toContain('more than 200 attributes');
});

test('names of the language are names like others', async () => {
  const file = gpxText('<__proto__/><constructor/><trk><toString/></trk>', '__proto__="1" constructor="2"');
  expect(await refusalOf(file)).toBe('not refused');
});

test('too many points, of any kind, and too many segments', async () => {
  const track = trackText([[1, 2, 3].map((latitude) => ({ latitude, longitude: 0 }))]);
  expect(await refusalOf(gpxText(track), { pointsMax: 3 })).toBe('not refused');
  expect(await refusalOf(gpxText(track), { pointsMax: 2 })).toContain('more than 2 points');
  expect(await refusalOf(gpxText(`${track}<wpt lat="1" lon="1"/>`), { pointsMax: 3 })).toContain(
    'more than 3 points',
  );
  expect(await refusalOf(gpxText(track.repeat(3)), { segmentsMax: 2 })).toContain('more than 2 segments');
});

test('a stream that breaks is the fault of the stream', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield* bytesOf('<gpx>');
    throw new Error('gone');
  }
  await expect(refusalOf(broken())).rejects.toThrow('gone');
});
