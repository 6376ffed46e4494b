import { LIMITS } from '@ackord/core';
import { describe, expect, test } from 'vitest';
import { acceptedType, nameProblem } from './content.ts';
import { extensionOf, isKey, newKey } from './key.ts';

describe('types', () => {
  test.each([
    'image/jpeg',
    'image/heic',
    'video/mp4',
    'video/quicktime',
    'audio/x-m4a',
    'application/gpx+xml',
    'application/xml',
    'text/xml',
    'application/octet-stream',
  ])('%s is stored', (type) => {
    expect(acceptedType(type)).toBe(type);
    expect(acceptedType(` ${type.toUpperCase()} `)).toBe(type);
  });

  test.each([
    'text/html',
    'image/svg+xml',
    'image/SVG+XML',
    'image/x-svg',
    'application/xhtml+xml',
    'application/javascript',
    'application/pdf',
    'text/plain',
    'image/',
    'image/*',
    'image/jpeg; charset=utf-8',
    'image/jpeg\r\nset-cookie: a=b',
    'image/jpeg,text/html',
    '',
  ])('%s is not', (type) => {
    expect(acceptedType(type)).toBeNull();
  });
});

describe('names', () => {
  test.each([
    'IMG_1.jpg',
    'mediaitem/1751_ab12cd34.jpg',
    'Über den Wolken.heic',
    '写真.png',
    '..jpg',
    'a..b',
  ])('%s is one', (name) => {
    expect(nameProblem(name)).toBeNull();
  });

  test.each([
    '',
    '  ',
    '..',
    '../a.jpg',
    'a/../b.jpg',
    'a/./b',
    'a//b',
    '/etc/passwd',
    'a/',
    'C:\\a.jpg',
    'a\u0000.jpg',
    'a\n.jpg',
    'a\u0085b',
    'a\u2028b',
    'a\ud800b',
    'x'.repeat(LIMITS.fileNameLengthMax + 1),
  ])('%j is none', (name) => {
    expect(nameProblem(name)).toMatch(/^must /);
  });
});

describe('keys', () => {
  test('those that are made have their form', () => {
    for (const [folder, prefix, extension] of [
      ['media', '', 'jpg'],
      ['gpx', '', ''],
      ['trip-0b0c8e5e-6a0f-4a53-9e3c-0a2f8f4d2f11', 'cover-', 'webp'],
    ] as const)
      expect(isKey(newKey(folder, prefix, extension))).toBe(true);
    expect(newKey('media', '', 'jpg')).not.toBe(newKey('media', '', 'jpg'));
  });

  test.each([
    '',
    'a',
    '../a',
    'media/../x',
    'media//x',
    '/media/x',
    '.incoming/x',
    'media/.x',
    'media/x/y',
    'Media/x',
    'media/x\u0000',
  ])('%j is none', (key) => {
    expect(isKey(key)).toBe(false);
  });

  test.each([
    ['a.JPG', 'jpg'],
    ['a.tar.gz', 'gz'],
    ['a', ''],
    ['a.', ''],
    ['a.b/c', ''],
    ['a.waytoolonganextension', ''],
    ['a.jp g', ''],
  ])('the extension of %s is “%s”', (name, extension) => {
    expect(extensionOf(name)).toBe(extension);
  });
});
