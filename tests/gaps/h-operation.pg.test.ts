/** Gaps H: what operating the server takes. Logs, metrics, health and limits have tests of their own. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, type Ground, type Loose, memory, NEVER, PULL, PUSH, startTravel, trip } from './ground.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await startTravel();
});
afterAll(() => ground.close());

test('H5 a queue that was kept over a new sign-in is sent as if nothing had been', async () => {
  const input = { email: `late-${Date.now()}@example.org`, password: 'correct horse' };
  await ground.nobody('mutation R($input: UserInput!) { register(input: $input) { id } }', { input });
  const signIn = async () => {
    const { data } = await ground.nobody(
      'mutation L($input: UserInput!) { login(input: $input) { token } }',
      { input },
    );
    return { headers: { authorization: `Bearer ${data.login.token}`, 'x-device-id': 'late phone' } };
  };
  const parent = trip();
  const queue = { trips: [parent], memories: [memory(parent.id), memory(parent.id)] };
  const before = await signIn();
  const first = await ground.nobody(PUSH, { input: queue }, before);
  expect(first.data.bulkSync.successful).toHaveLength(3);

  const spoilt = { headers: { ...before.headers, authorization: `${before.headers.authorization}x` } };
  const expired = await ground.nobody(PUSH, { input: queue }, spoilt);
  expect([expired.status, codeOf(expired), expired.data]).toEqual([200, 'UNAUTHENTICATED', null]);

  // The answer to the first call never arrived, one more was written offline, and the user signs in again.
  const after = await signIn();
  const all = { ...queue, memories: [...queue.memories, memory(parent.id, { title: 'Written offline' })] };
  const second = await ground.nobody(PUSH, { input: all }, after);
  const { successful, failed, conflicts } = second.data.bulkSync;
  expect([failed, conflicts]).toEqual([[], []]);
  expect(successful.map((one: Loose) => one.replayed)).toEqual([true, true, true, false]);
  const page = await ground.nobody(PULL, { since: NEVER, batchSize: 100 }, after);
  expect(page.data.enhancedSync.totalCount).toBe(4);
});
