import { LIMITS } from '@ackord/core';
import { describe, expect, test } from 'vitest';
import { createPasswords, type PasswordWork } from './passwords.ts';

const cheap = { logN: 4, r: 8, p: 1 };

function done<T>(work: PasswordWork<T>): T {
  if (!work.ok) throw new Error(work.cause);
  return work.value;
}

describe('with the real cost', () => {
  const passwords = createPasswords();

  test('a password opens its hash and no other does; the text says how it was made', async () => {
    const stored = done(await passwords.hash('correct horse'));
    expect(stored).toMatch(/^scrypt\$15\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    expect(done(await passwords.verify('correct horse', stored))).toBe(true);
    expect(done(await passwords.verify('correct horse ', stored))).toBe(false);
    expect(passwords.outdated(stored)).toBe(false);
  });

  test('nobody is compared for as long as somebody', async () => {
    const stored = done(await passwords.hash('correct horse'));
    // Processor time, all threads of this process: unlike the clock, it does not depend on who else is working.
    const timed = async (hash: string | null): Promise<number> => {
      const before = process.cpuUsage();
      await passwords.verify('wrong', hash);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const ratios: number[] = [];
    for (let round = 0; round < 5; round += 1) ratios.push((await timed(null)) / (await timed(stored)));
    const median = ratios.sort((a, b) => a - b)[2] ?? 0;
    expect(median).toBeGreaterThan(0.5);
    expect(median).toBeLessThan(2);
  });
});

test('the same password gets another text each time', async () => {
  const passwords = createPasswords(cheap);
  expect(await passwords.hash('same')).not.toEqual(await passwords.hash('same'));
});

test('an accent may be typed as one character or as two', async () => {
  const passwords = createPasswords(cheap);
  const stored = done(await passwords.hash('caf\u00e9 au lait'));
  expect(done(await passwords.verify('cafe\u0301 au lait', stored))).toBe(true);
});

test('hashes of another cost still open, and are known to be outdated', async () => {
  const stored = done(await createPasswords({ logN: 5, r: 8, p: 1 }).hash('older'));
  const passwords = createPasswords(cheap);
  expect(done(await passwords.verify('older', stored))).toBe(true);
  expect(passwords.outdated(stored)).toBe(true);
});

test.each([
  '',
  'plain text',
  'scrypt$4$8$1$$',
  'scrypt$99$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAA',
  `scrypt$60$8$1$AAAAAAAAAAAAAAAAAAAAAA$${'A'.repeat(43)}`,
  '$2b$12$abcdefghijklmnopqrstuv',
])('a text that is no hash of ours opens for nobody: %j', async (stored) => {
  expect(done(await createPasswords(cheap).verify(stored, stored))).toBe(false);
});

test('more work than may wait is turned away at once, and the rest still gets done', async () => {
  const passwords = createPasswords({ logN: 12, r: 8, p: 1 });
  const fits = LIMITS.passwordHashesAtOnceMax + LIMITS.passwordHashesWaitingMax;
  const results = await Promise.all(Array.from({ length: fits + 10 }, () => passwords.hash('crowd')));
  expect(results.filter(({ ok }) => ok)).toHaveLength(fits);
  expect((await passwords.hash('afterwards')).ok).toBe(true);
});
