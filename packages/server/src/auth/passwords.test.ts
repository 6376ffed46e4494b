import { LIMITS } from '@ackord/core';
import { hashSync } from 'bcryptjs';
import { describe, expect, test } from 'vitest';
import { createPasswords, type PasswordWork } from './passwords.ts';

const cheap = { logN: 4, r: 8, p: 1 };

function done<T>(work: PasswordWork<T>): T {
  if (!work.ok) throw new Error(work.cause);
  return work.value;
}

describe('with the real cost', () => {
  const passwords = createPasswords(undefined, 0);

  test('a password opens its hash and no other does; the text says how it was made', async () => {
    const stored = done(await passwords.hash('correct horse'));
    expect(stored).toMatch(/^scrypt\$15\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    expect(done(await passwords.verify('correct horse', stored))).toBe(true);
    expect(done(await passwords.verify('correct horse ', stored))).toBe(false);
    expect(passwords.outdated(stored, 'correct horse')).toBe(false);
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
  const passwords = createPasswords(cheap, 0);
  expect(await passwords.hash('same')).not.toEqual(await passwords.hash('same'));
});

test('an accent may be typed as one character or as two', async () => {
  const passwords = createPasswords(cheap, 0);
  const stored = done(await passwords.hash('caf\u00e9 au lait'));
  expect(done(await passwords.verify('cafe\u0301 au lait', stored))).toBe(true);
});

test('hashes of another cost still open, and are known to be outdated', async () => {
  const stored = done(await createPasswords({ logN: 5, r: 8, p: 1 }, 0).hash('older'));
  const passwords = createPasswords(cheap, 0);
  expect(done(await passwords.verify('older', stored))).toBe(true);
  expect(passwords.outdated(stored, 'older')).toBe(true);
});

test.each([
  '',
  'plain text',
  'scrypt$4$8$1$$',
  'scrypt$99$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAA',
  `scrypt$60$8$1$AAAAAAAAAAAAAAAAAAAAAA$${'A'.repeat(43)}`,
  '$2b$12$abcdefghijklmnopqrstuv',
])('a text that is no hash of ours opens for nobody: %j', async (stored) => {
  expect(done(await createPasswords(cheap, 0).verify(stored, stored))).toBe(false);
});

test('more work than may wait is turned away at once, and the rest still gets done', async () => {
  const passwords = createPasswords({ logN: 12, r: 8, p: 1 }, 0);
  const fits = LIMITS.passwordHashesAtOnceMax + LIMITS.passwordHashesWaitingMax;
  const results = await Promise.all(Array.from({ length: fits + 10 }, () => passwords.hash('crowd')));
  expect(results.filter(({ ok }) => ok)).toHaveLength(fits);
  expect((await passwords.hash('afterwards')).ok).toBe(true);
});

describe('hashes of bcrypt', () => {
  const passwords = createPasswords(cheap, 0);
  const opens = async (password: string, stored: string): Promise<boolean> =>
    done(await passwords.verify(password, stored));

  // From the test vectors of crypt_blowfish and of OpenBSD.
  test.each([
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['U*U', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['U*U', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
    ['U*U*U', '$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'],
    ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
    ['abc', '$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i'],
  ])('%j opens %s, and nothing else does', async (password, stored) => {
    expect(await opens(password, stored)).toBe(true);
    expect(await opens(`${password} `, stored)).toBe(false);
    expect(passwords.outdated(stored, password)).toBe(true);
  });

  test('they are of what was typed: no form of an accent stands for another', async () => {
    const stored = hashSync('caf\u00e9 au lait', 4);
    expect(await opens('caf\u00e9 au lait', stored)).toBe(true);
    expect(await opens('cafe\u0301 au lait', stored)).toBe(false);
  });

  test('of a long password the first 72 bytes count, so it is not taken for known', async () => {
    const stored = hashSync(`${'é'.repeat(36)}right`, 4);
    const [wrongEnd, short] = [`${'é'.repeat(36)}wrong`, `${'é'.repeat(35)}right`];
    expect(await opens(wrongEnd, stored)).toBe(true);
    expect(await opens(short, stored)).toBe(false);
    expect(passwords.outdated(stored, wrongEnd)).toBe(false);
    const exact = hashSync('x'.repeat(71), 4);
    expect(await opens('x'.repeat(72), exact)).toBe(false);
    expect(passwords.outdated(exact, 'x'.repeat(71))).toBe(true);
  });

  test.each(['31', '15', '03', '00', '99'])('a cost of %s opens for nobody, at once', async (cost) => {
    const stored = `$2b$${cost}$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW`;
    const before = process.cpuUsage().user;
    expect(await opens('U*U', stored)).toBe(false);
    expect(process.cpuUsage().user - before).toBeLessThan(1_000_000);
  });

  test('a wrong password is answered in the same slot, whatever it is compared with', async () => {
    const slotted = createPasswords(cheap, 2_000);
    const timed = async (stored: string | null): Promise<number> => {
      const before = performance.now();
      await slotted.verify('wrong', stored);
      return performance.now() - before;
    };
    const both = await Promise.all([timed(null), timed(hashSync('right', 10))]);
    for (const milliseconds of both) expect(Math.round(milliseconds / 2_000)).toBe(1);
  });
});
