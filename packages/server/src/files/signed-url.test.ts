import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newKey } from './key.ts';
import { FILES_PATH, type Grant, readUrl, type Signing, signUrl } from './signed-url.ts';

const NOW = Date.parse('2024-05-01T12:00:00.500Z');
const [first, second] = [randomBytes(32), randomBytes(32)];
const at = (now: number, ...secrets: Uint8Array[]): Signing => ({ secrets: () => secrets, now: () => now });
const signing = at(NOW, first);
const put: Grant = {
  method: 'PUT',
  key: newKey('media', '', 'jpg'),
  contentType: 'image/jpeg',
  sizeMax: 1000,
};
const get: Grant = { method: 'GET', key: put.key, contentType: 'image/jpeg' };

function read(url: string, by: Signing = signing, method?: string) {
  const { pathname, searchParams } = new URL(url);
  const key = decodeURIComponent(pathname.slice(FILES_PATH.length + 1));
  const asked = method ?? (searchParams.has('max') ? 'PUT' : 'GET');
  return readUrl(by, { method: asked, key, query: Object.fromEntries(searchParams) });
}
const sign = (grant: Grant, seconds = 60): string =>
  signUrl(signing, 'https://a.example.org', grant, seconds);

test.each([put, get])('what was signed is allowed: %j', (grant) => {
  expect(read(sign(grant))).toEqual({ ok: true, grant });
});

test('whoever may GET may ask with HEAD', () => {
  expect(read(sign(get), signing, 'HEAD')).toEqual({ ok: true, grant: get });
});

describe('forged', () => {
  const forged = { ok: false, reason: 'forged' };
  const other = newKey('media', '', 'jpg');
  test.each([
    ['another file', (url: string) => url.replace(put.key, other)],
    ['another type', (url: string) => url.replace('image%2Fjpeg', 'text%2Fhtml')],
    ['a larger size', (url: string) => url.replace('max=1000', 'max=10000')],
    ['a later end', (url: string) => url.replace(/expires=(\d+)/, (_, end) => `expires=${Number(end) + 1}`)],
    ['no signature', (url: string) => url.replace(/&signature=.*/, '')],
    ['an empty signature', (url: string) => url.replace(/signature=.*/, 'signature=')],
    ['a cut signature', (url: string) => url.slice(0, -2)],
    ['a longer signature', (url: string) => `${url}00`],
    ['a way out of the folder', (url: string) => url.replace(put.key, 'media%2F..%2F..%2Fetc')],
  ])('%s', (_what, change) => {
    expect(read(change(sign(put)))).toEqual(forged);
  });

  test('a download is no upload, nor the other way round', () => {
    const url = new URL(sign(get));
    url.searchParams.set('max', '1000');
    expect(read(String(url), signing, 'PUT')).toEqual(forged);
    expect(read(sign(put), signing, 'GET')).toEqual(forged);
  });

  test('by another secret', () => {
    expect(read(sign(put), at(NOW, second))).toEqual(forged);
  });

  test('any change of one character', () => {
    const url = sign(put);
    const from = url.indexOf(FILES_PATH) + FILES_PATH.length + 1;
    fc.assert(
      fc.property(
        fc.integer({ min: from, max: url.length - 1 }),
        fc.constantFrom('0', 'a', 'Z', '-', '.'),
        (index, letter) => {
          fc.pre(url[index] !== letter && !'&?='.includes(url[index] ?? ''));
          const changed = url.slice(0, index) + letter + url.slice(index + 1);
          // Hex digits mean the same in either case.
          fc.pre(changed.toLowerCase() !== url.toLowerCase());
          expect(read(changed).ok).toBe(false);
        },
      ),
    );
  });
});

test('it holds until its end, and no longer', () => {
  const url = sign(put, 60);
  const end = Math.floor(NOW / 1000) * 1000 + 60_000;
  expect(read(url, at(end - 1, first)).ok).toBe(true);
  expect(read(url, at(end, first))).toEqual({ ok: false, reason: 'expired' });
});

test('while keys are changed, both are good', () => {
  const old = sign(put);
  expect(read(old, at(NOW, second, first))).toMatchObject({ ok: true });
  const young = signUrl(at(NOW, second, first), 'https://a.example.org', put, 60);
  expect(read(young, at(NOW, second))).toMatchObject({ ok: true });
  expect(read(young, signing)).toMatchObject({ ok: false });
});
