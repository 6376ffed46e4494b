import fc from 'fast-check';
import { expect, test } from 'vitest';
import { displayName, initials } from './display-name.ts';

const user = (parts: Partial<Parameters<typeof displayName>[0]>) => ({
  email: 'ada.lovelace@example.org',
  username: 'ada.lovelace@example.org',
  firstName: null,
  lastName: null,
  ...parts,
});

test.each([
  [user({ firstName: 'Ada', lastName: 'Lovelace' }), 'Ada Lovelace', 'AL'],
  [user({ firstName: ' Ada ', lastName: '  ' }), 'Ada', 'A'],
  [user({ firstName: 'Ada', lastName: 'King Countess of Lovelace' }), 'Ada King Countess of Lovelace', 'AL'],
  [user({}), 'ada.lovelace', 'AL'],
  [user({ username: 'countess' }), 'countess', 'C'],
  [user({ firstName: 'éloïse' }), 'éloïse', 'É'],
  [user({ firstName: '👩‍🔬', lastName: 'Lab' }), '👩‍🔬 Lab', '👩‍🔬L'],
])('%j', (given, name, letters) => {
  expect(displayName(given)).toBe(name);
  expect(initials(given)).toBe(letters);
});

test('neither is ever empty', () => {
  const text = fc.string({ unit: 'grapheme' });
  const anyone = fc.record({
    email: text,
    username: text,
    firstName: fc.option(text),
    lastName: fc.option(text),
  });
  fc.assert(
    fc.property(anyone, (someone) => {
      expect(displayName(someone)).not.toBe('');
      expect(initials(someone)).not.toBe('');
    }),
  );
});
