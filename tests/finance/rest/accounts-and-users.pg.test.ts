/** Registering, signing in and users, a test per row of the contract; with tokens and in the open mode. */
import { randomUUID } from 'node:crypto';
import { hash } from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ground, PASSWORD, startRest, tenantOf, tooLong } from './ground.ts';

let closed: Ground;
let open: Ground;
beforeAll(async () => {
  closed = await startRest(false);
  open = await startRest(true);
});
afterAll(async () => {
  await closed?.close();
  await open?.close();
});

const newUser = () => {
  const name = `person-${randomUUID()}`;
  return { name, email: `${name}@example.org`, password: PASSWORD };
};

describe('POST /register', () => {
  test('201 with the user, and no hash', async () => {
    const user = newUser();
    const { status, body } = await closed.send('POST', '/register', user);
    expect(status).toBe(201);
    expect(body).toEqual({
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: user.name,
      email: user.email,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
    });
  });

  test('400 when the name or the e-mail is taken, in any case', async () => {
    const user = newUser();
    await closed.send('POST', '/register', user);
    const sameName = await closed.send('POST', '/register', { ...newUser(), name: user.name.toUpperCase() });
    expect(sameName).toMatchObject({
      status: 400,
      body: { code: 'BAD_USER_INPUT', detail: expect.stringContaining('user name') },
    });
    const sameEmail = await closed.send('POST', '/register', {
      ...newUser(),
      email: user.email.toUpperCase(),
    });
    expect(sameEmail).toMatchObject({ status: 400, body: { detail: expect.stringContaining('e-mail') } });
  });

  test('422 names the members that are missing', async () => {
    const { status, body } = await closed.send('POST', '/register', { name: 'x' });
    expect(status).toBe(422);
    expect(body.detail).toEqual([
      { loc: ['body', 'email'], msg: 'Field required', type: 'missing' },
      { loc: ['body', 'password'], msg: 'Field required', type: 'missing' },
    ]);
  });
});

describe('POST /login', () => {
  test('by name or by e-mail, in lower case as apps send it, with a token that is good', async () => {
    const user = newUser();
    const made = await closed.send('POST', '/register', { ...user, name: user.name.toUpperCase() });
    for (const username_or_email of [user.name, user.email]) {
      const { status, body } = await closed.send('POST', '/login', { username_or_email, password: PASSWORD });
      expect(status).toBe(200);
      expect(body.uuid).toBe(made.body.uuid);
      const asked = await closed.send('GET', `/users/${body.uuid}`, undefined, {
        authorization: `Bearer ${body.accessToken}`,
      });
      expect(asked.status).toBe(200);
    }
  });

  test('401 alike for a wrong password and for nobody', async () => {
    const user = newUser();
    await closed.send('POST', '/register', user);
    const wrong = await closed.send('POST', '/login', {
      username_or_email: user.name,
      password: 'another one',
    });
    const nobody = await closed.send('POST', '/login', {
      username_or_email: 'nobody',
      password: 'another one',
    });
    expect(wrong.status).toBe(401);
    expect([nobody.status, nobody.body]).toEqual([wrong.status, wrong.body]);
  });
});

describe('GET /users', () => {
  test('with a token: oneself and those who share a tenant, nobody else', async () => {
    const [ada, bob, eve] = [await closed.person(), await closed.person(), await closed.person()];
    const tenant = await tenantOf(ada);
    const actor = { userId: ada.id };
    await closed.engine.setMember({ actor, scope: `tenant:${tenant}`, userId: bob.id, role: 'VIEWER' });
    const names = async (person: typeof ada) =>
      (await person.send('GET', '/users')).body.map(({ uuid }: { uuid: string }) => uuid);
    expect(await names(ada)).toEqual([ada.id, bob.id]);
    expect(await names(bob)).toEqual([ada.id, bob.id]);
    expect(await names(eve)).toEqual([eve.id]);
  });

  test('in the open mode: everybody, in pages', async () => {
    const [first, second] = [await open.person(), await open.person()];
    const all = await open.send('GET', '/users');
    expect(all.body.map(({ uuid }: { uuid: string }) => uuid)).toEqual(
      expect.arrayContaining([first.id, second.id]),
    );
    const page = await open.send('GET', `/users?skip=${all.body.length - 1}&limit=1`);
    expect(page.body).toEqual([all.body.at(-1)]);
    expect((await open.send('GET', '/users?limit=x')).body.detail[0].loc).toEqual(['query', 'limit']);
  });

  test('without a token: 401; with a bad one too, even in the open mode', async () => {
    expect(await closed.send('GET', '/users')).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    });
    const bad = await open.send('GET', '/users', undefined, { authorization: 'Bearer nonsense' });
    expect(bad.status).toBe(401);
  });
});

describe('POST /users', () => {
  const hashed = async (password: string) => hash(password, 4);
  const row = async (password: string | null) => {
    const { name, email } = newUser();
    return {
      uuid: randomUUID(),
      name,
      email,
      ...(password !== null && { hashed_password: await hashed(password) }),
    };
  };

  test('makes the user with its id and hash, which then signs in', async () => {
    const user = await row('of the device');
    const made = await open.send('POST', '/users', user);
    expect(made).toMatchObject({ status: 200, body: { uuid: user.uuid, name: user.name } });
    expect(JSON.stringify(made.body)).not.toContain('$2');
    const login = { username_or_email: user.email, password: 'of the device' };
    expect(await open.send('POST', '/login', login)).toMatchObject({
      status: 200,
      body: { uuid: user.uuid },
    });
  });

  test('updates a user that is there, and never its hash', async () => {
    const user = await row('the first');
    await open.send('POST', '/users', user);
    const name = `renamed-${randomUUID()}`;
    const again = { ...user, name, hashed_password: await hashed('the second') };
    expect(await open.send('POST', '/users', again)).toMatchObject({ status: 200, body: { name } });
    const login = (password: string) =>
      open.send('POST', '/login', { username_or_email: user.email, password });
    expect((await login('the second')).status).toBe(401);
    expect((await login('the first')).status).toBe(200);
  });

  test('gives no hash to somebody who has none', async () => {
    const user = await row(null);
    await open.send('POST', '/users', user);
    await open.send('POST', '/users', { ...user, hashed_password: await hashed('attached') });
    const login = { username_or_email: user.email, password: 'attached' };
    expect((await open.send('POST', '/login', login)).status).toBe(401);
  });

  test.each([
    ['a password instead of a hash', { hashed_password: 'secret' }],
    ['a hash that costs hours', { hashed_password: `$2b$31$${'a'.repeat(53)}` }],
    ['no UUID', { uuid: '../1' }],
    ['a name without end', { name: tooLong }],
  ])('422 for %s', async (_what, change) => {
    const answer = await open.send('POST', '/users', { ...(await row(null)), ...change });
    expect(answer.status).toBe(422);
    expect(answer.body.detail[0].loc).toEqual(['body', Object.keys(change)[0]]);
  });

  test('400 for the e-mail of another user, who stays as it was', async () => {
    const other = await open.person();
    const answer = await open.send('POST', '/users', { ...(await row('mine')), email: other.email });
    expect(answer.status).toBe(400);
    expect((await open.send('GET', `/users/${other.id}`)).body.name).toBe(other.name);
  });

  test('with a token only for oneself; without one not at all', async () => {
    const [ada, bob] = [await closed.person(), await closed.person()];
    const taken = { uuid: bob.id, name: 'mine', email: bob.email, hashed_password: await hashed('mine now') };
    expect((await ada.send('POST', '/users', taken)).status).toBe(404);
    expect((await closed.send('POST', '/users', taken)).status).toBe(401);
    const own = await ada.send('POST', '/users', {
      uuid: ada.id.toUpperCase(),
      name: `${ada.name}-2`,
      email: ada.email,
    });
    expect(own).toMatchObject({ status: 200, body: { uuid: ada.id, name: `${ada.name}-2` } });
  });
});

describe('GET and PUT /users/{id}', () => {
  test('reads and changes oneself', async () => {
    const ada = await closed.person();
    const changed = await ada.send('PUT', `/users/${ada.id}`, {
      name: `${ada.name}-x`,
      email: `x-${ada.email}`,
    });
    expect(changed).toMatchObject({ status: 200, body: { name: `${ada.name}-x`, email: `x-${ada.email}` } });
    expect((await ada.send('GET', `/users/${ada.id}`)).body).toEqual(changed.body);
  });

  test('strangers and nobody are answered alike: 404', async () => {
    const [ada, bob] = [await closed.person(), await closed.person()];
    for (const method of ['GET', 'PUT'] as const) {
      const body = method === 'PUT' ? { name: 'x' } : undefined;
      const stranger = await ada.send(method, `/users/${bob.id}`, body);
      const nobody = await ada.send(method, `/users/${randomUUID()}`, body);
      expect(stranger.status).toBe(404);
      expect([nobody.status, nobody.body]).toEqual([stranger.status, stranger.body]);
    }
    expect((await open.send('PUT', `/users/${randomUUID()}`, { name: 'x' })).status).toBe(404);
  });

  test('400 for a name that somebody has', async () => {
    const [ada, bob] = [await closed.person(), await closed.person()];
    expect((await ada.send('PUT', `/users/${ada.id}`, { name: bob.name })).status).toBe(400);
  });
});
