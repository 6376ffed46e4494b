import { expect, test } from 'vitest';
import { isEmail } from './email.ts';

test.each([
  'ada@example.org',
  'Ada.Lovelace+trips@example.co.uk',
  "o'neill@example.org",
  'ada@localhost',
  'müller@bücher.example',
])('%s is an address', (text) => expect(isEmail(text)).toBe(true));

test.each([
  '',
  'ada',
  '@example.org',
  'ada@',
  'ada@example..org',
  'ada@.org',
  'ada@example.org.',
  'ada lovelace@example.org',
  'ada@exam ple.org',
  'ada@b@example.org',
  'ada\u0000@example.org',
  'ada\u200b@example.org',
  'ada\ud800@example.org',
  'ada@example.org\n',
  '<ada@example.org>',
  `${'a'.repeat(250)}@example.org`,
])('%j is none', (text) => expect(isEmail(text)).toBe(false));

test('a long text is told apart in no time', () => {
  const startedAt = performance.now();
  isEmail(`${'a.'.repeat(50_000)}@`);
  isEmail(`a@${'a.'.repeat(50_000)}`);
  expect(performance.now() - startedAt).toBeLessThan(100);
});
