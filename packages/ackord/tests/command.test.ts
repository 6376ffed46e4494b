import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { launchAsNpmDoes, listening, noneLeft, run, startServer, until, workFolder } from './support.ts';

interface Answer {
  readonly data: {
    readonly login: { readonly token: string };
    readonly getCurrentUser: { readonly id: string; readonly email: string } | null;
  };
  readonly errors?: readonly unknown[];
}

const ask = async (url: string, query: string, token?: string) => {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
};

describe('says in one line what is wrong', () => {
  test('with the command line, and ends with 2', async () => {
    const folder = await workFolder();
    expect(await run(folder, ['--prot', '1'])).toEqual({
      exitCode: 2,
      out: '',
      err: "ackord: Unknown option '--prot'. See: ackord --help\n",
    });
  });

  test('with each setting, and ends with 1', async () => {
    const folder = await workFolder();
    const { exitCode, out, err } = await run(folder, ['start'], { PORT: 'http', LOG_LEVEL: 'loud' });
    expect([exitCode, out]).toEqual([1, '']);
    expect(err.split('\n')).toEqual([
      'PORT: "http" is not allowed; give a whole number from 0 to 65535.',
      'LOG_LEVEL: "loud" is not allowed; give one of fatal, error, warn, info, debug, trace, silent.',
      'docs/configuration.md lists all settings.',
      '',
    ]);
  });

  test('with a production set-up without a secret', async () => {
    const folder = await workFolder();
    const { exitCode, err } = await run(folder, ['start'], { NODE_ENV: 'production' });
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^JWT_SECRET: not set, but production needs it;/);
    expect(await readdir(folder)).toEqual([]);
  });

  test('with the port, and leaves nothing running', async () => {
    const folder = await workFolder();
    const occupant = createServer().listen(0, '127.0.0.1');
    await until('the port is taken', () => occupant.listening);
    const address = occupant.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { exitCode, err } = await run(folder, ['start', '--port', port], { LOG_LEVEL: 'silent' });
    occupant.close();
    expect(exitCode).toBe(1);
    expect(err).toBe(
      `PORT: ${port} on 127.0.0.1 is in use by another program; stop that one, or set PORT to another number.\n`,
    );
    await noneLeft(folder);
  });

  test('with a database that is not there, without its password', async () => {
    const folder = await workFolder();
    const environment = { DATABASE_URL: 'postgres://owner:needle@127.0.0.1:9/ackord', LOG_LEVEL: 'silent' };
    const { exitCode, err } = await run(folder, ['start'], environment);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^DATABASE_URL: the database cannot be used \(ECONNREFUSED.*\n$/);
    expect(err).not.toContain('needle');
  });
});

describe('without a database', () => {
  test('--help names every command', async () => {
    const { exitCode, out } = await run(await workFolder(), ['--help']);
    expect(exitCode).toBe(0);
    for (const name of ['start', 'token', 'migrate', 'generate'])
      expect(out).toContain(`ackord ${name === 'start' ? '[start]' : name}`);
  });

  test('--version', async () => {
    expect(await run(await workFolder(), ['--version'])).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  test('generate --check is content with what is committed', async () => {
    expect(await run(await workFolder(), ['generate', '--check'])).toEqual({ exitCode: 0, out: '', err: '' });
  });
});

describe('start', () => {
  test('serves, survives a restart with its users and tokens, and ends in order', async () => {
    const folder = await workFolder();
    const first = await startServer(folder);
    expect(first.output.err).toContain(`${first.url}/graphql (GraphiQL, in a browser)`);
    expect(first.output.err).toContain('npx ackord token --email');
    expect(await (await fetch(`${first.url}/readyz`)).json()).toEqual({ status: 'ready', database: 'up' });
    expect(await (await fetch(first.url)).json()).toEqual({ name: 'ackord', graphql: ['/graphql'] });

    const input = '{ email: "ada@example.org", password: "correct horse" }';
    await ask(first.url, `mutation { register(input: ${input}) { id } }`);
    const again = await ask(first.url, `mutation { register(input: ${input}) { id } }`);
    expect(again.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    const { data } = await ask(first.url, `mutation { login(input: ${input}) { token } }`);
    const { token } = data.login;
    const who = '{ getCurrentUser { email displayName } }';
    const expected = { getCurrentUser: { email: 'ada@example.org', displayName: 'ada' } };
    expect((await ask(first.url, who, token)).data).toEqual(expected);

    first.child.kill('SIGTERM');
    expect((await first.finished).exitCode).toBe(0);
    await noneLeft(folder);
    // Nothing of that is an alarm, neither the e-mail that was taken nor the end.
    expect(first.lines().filter(({ level }) => level !== 'info')).toEqual([]);
    const messages = first.lines().map(({ message }) => message);
    expect(messages.slice(messages.indexOf('stopping'))).toEqual(['stopping', 'stopped']);

    const second = await startServer(folder);
    expect((await ask(second.url, who, token)).data).toEqual(expected);
    expect((await ask(second.url, who)).data).toEqual({ getCurrentUser: null });
    second.child.kill('SIGINT');
    const { exitCode, out, err } = await second.finished;
    expect(exitCode).toBe(0);
    // After the words of welcome there was nothing to complain about.
    expect(err).toMatch(/Ctrl\+C\n\n$/);
    // Neither who it was nor what opens the door.
    expect(first.output.out + out).not.toMatch(/ada@example|correct horse|eyJ/);
  });

  test('keeps its secrets to itself', async () => {
    const folder = await workFolder();
    await startServer(folder);
    for (const file of ['jwt-secret', 'running.json'])
      expect((await stat(join(folder, 'data', file))).mode & 0o077, file).toBe(0);
  });

  test('reads .env, over which the environment wins, over which the command line wins', async () => {
    const folder = await workFolder();
    await writeFile(
      join(folder, '.env'),
      'PORT=http\nLOG_LEVEL=info\nACKORD_DATA_DIR=./from-file\nCORS_ORIGINS=nonsense\n',
    );
    const { err } = await run(folder, ['start', '--port', 'words'], { CORS_ORIGINS: 'other' });
    expect(err).toContain('PORT: "words"');
    expect(err).toContain('CORS_ORIGINS: "other"');
    const server = await startServer(folder, { CORS_ORIGINS: '*' });
    expect(server.lines().at(-1)).toMatchObject({ dataFolder: join(folder, 'from-file') });
  });

  test('a second signal ends it at once', async () => {
    const folder = await workFolder();
    const server = await startServer(folder, { SHUTDOWN_DELAY_MS: '600000' });
    server.child.kill('SIGTERM');
    await until('it is closing', async () => (await fetch(`${server.url}/readyz`)).status === 503);
    server.child.kill('SIGTERM');
    expect((await server.finished).exitCode).toBe(143);
    await noneLeft(folder);
  });

  test('ends with the npm that has started it', async () => {
    const folder = await workFolder();
    const server = await listening(launchAsNpmDoes(folder, { PORT: '0' }));
    server.child.kill('SIGTERM');
    await noneLeft(folder);
    await until('the port is free', () =>
      fetch(server.url).then(
        () => false,
        () => true,
      ),
    );
    expect(server.lines().at(-1)).toMatchObject({ message: 'stopped' });
  });

  test('a request under way is answered before it ends', async () => {
    const folder = await workFolder();
    const server = await startServer(folder);
    // Hashing a password takes its time: the signal comes in the middle of it.
    const input = '{ email: "slow@example.org", password: "correct horse" }';
    const answers = Array.from({ length: 4 }, () =>
      ask(server.url, `mutation { login(input: ${input}) { token } }`),
    );
    await fetch(`${server.url}/livez`);
    server.child.kill('SIGTERM');
    for (const { errors } of await Promise.all(answers)) expect(errors).toHaveLength(1);
    expect((await server.finished).exitCode).toBe(0);
  });
});

describe('token', () => {
  test('beside a running server: a token alone on standard output, for the same user each time', async () => {
    const folder = await workFolder();
    const server = await startServer(folder);
    const made = await run(folder, ['token', '--email', 'grace@example.org']);
    expect(made.exitCode).toBe(0);
    expect(made.out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(made.err).toMatch(/^New user [\da-f-]{36}, token valid until /);
    const { data } = await ask(server.url, '{ getCurrentUser { id email } }', made.out.trim());
    const user = data.getCurrentUser;
    expect(user?.email).toBe('grace@example.org');
    const again = await run(folder, ['token', '--email', 'Grace@example.org']);
    expect(again.err).toContain(`User ${user?.id}, token valid until`);
  });

  test('without a server: works on the data folder alone', async () => {
    const folder = await workFolder();
    expect((await run(folder, ['token', '--email', 'alan@example.org'])).exitCode).toBe(0);
    await noneLeft(folder);
  });

  test('a note of a server that is gone does not count', async () => {
    const folder = await workFolder();
    await mkdir(join(folder, 'data'));
    const note = {
      pid: 2_147_483_646,
      url: 'http://127.0.0.1:1',
      database: { ownerUrl: 'postgres://nobody@127.0.0.1:9/x' },
    };
    await writeFile(join(folder, 'data', 'running.json'), JSON.stringify(note));
    expect((await run(folder, ['token', '--email', 'alan@example.org'])).exitCode).toBe(0);
  });

  test('not for nonsense', async () => {
    const { exitCode, out, err } = await run(await workFolder(), ['token', '--email', 'nonsense']);
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toMatch(/^--email: The e-mail must be an address/);
  });

  test('not in production, unless that is said', async () => {
    const folder = await workFolder();
    const production = { NODE_ENV: 'production', JWT_SECRET: 'k3vJ8mQ2xW7pL5nR9tY4bH6cF1dS0gZaU+iO' };
    const refused = await run(folder, ['token', '--email', 'alan@example.org'], production);
    expect([refused.exitCode, refused.out]).toEqual([1, '']);
    const allowed = await run(
      folder,
      ['token', '--email', 'alan@example.org', '--allow-production'],
      production,
    );
    expect(allowed.exitCode).toBe(0);
    await expect(readFile(join(folder, 'data', 'jwt-secret'))).rejects.toThrow('ENOENT');
  });
});

test('migrate: up is what a start does, down takes back', async () => {
  const folder = await workFolder();
  expect(await run(folder, ['migrate', 'up'])).toMatchObject({
    exitCode: 0,
    out: 'The tables are up to date.\n',
  });
  const down = await run(folder, ['migrate', 'down', '--to', '0', '--delete-all-data']);
  expect(down).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^Taken back: .*initial\n$/) });
  expect((await run(folder, ['migrate', 'up'])).exitCode).toBe(0);
});
