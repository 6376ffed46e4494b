import { expect, test } from 'vitest';
import { lowerFirst, relationName, relationsName } from './names.ts';

test.each([
  ['Trip', 'trip'],
  ['MediaItem', 'mediaItem'],
  ['GPXTrack', 'gpxTrack'],
  ['GPX', 'gpx'],
  ['X', 'x'],
])('%s begins small as %s', (name, small) => {
  expect(lowerFirst(name)).toBe(small);
});

test('relations are named after their fields', () => {
  expect([relationName('categoryId'), relationName('id'), relationName('idle')]).toEqual([
    'category',
    null,
    null,
  ]);
  const category = { name: 'Category', plural: 'categories' };
  expect(relationsName('categoryIds', category)).toBe('categories');
  expect(relationsName('relatedCategoryIds', category)).toBe('relatedCategorys');
  expect(relationsName('categories', category)).toBeNull();
});
