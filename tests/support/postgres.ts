/**
 * Real PostgreSQL for tests: every test file makes its own fresh database in the one server of the run.
 *
 *   const postgres = await getTestPostgres();
 *   const database = await postgres.createDatabase();   // in beforeAll
 *   await database.drop();                              // in afterAll
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

export interface TestPostgres {
  createDatabase(): Promise<TestDatabase>;
}

export interface TestDatabase {
  /** As the role that migrates (a superuser). */
  readonly ownerUrl: string;
  /** As the role ackord_app, which may do what the migrations grant. */
  readonly appUrl: string;
  /** Removes it, also with sessions still open. */
  drop(): Promise<void>;
}

/** Connection strings of the server; the database in them is only a place to connect to. */
export interface TestServer {
  readonly ownerUrl: string;
  readonly appUrl: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    testPostgres: TestServer;
  }
}

export async function getTestPostgres(): Promise<TestPostgres> {
  const server = inject('testPostgres');
  return { createDatabase: () => createDatabase(server) };
}

async function createDatabase(server: TestServer): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  // template0: the encoding and order of the server's own default may be anything.
  const order = `ENCODING 'UTF8' LOCALE 'C.UTF-8'`;
  await runAsOwner(server.ownerUrl, `CREATE DATABASE ${name} TEMPLATE template0 ${order}`);
  return {
    ownerUrl: withDatabase(server.ownerUrl, name),
    appUrl: withDatabase(server.appUrl, name),
    drop: () => runAsOwner(server.ownerUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

const APP_ROLE = 'ackord_app';
/** Of a role on a server for tests; the embedded one asks for none. */
const APP_PASSWORD = 'ackord-app-of-tests';

/** Once per run: makes sure that the application's role exists. Takes the URL of a superuser. */
export async function prepareTestServer(ownerUrl: string): Promise<TestServer> {
  await runAsOwner(
    ownerUrl,
    `DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${APP_ROLE}') THEN CREATE ROLE ${APP_ROLE}; END IF;
    END $$;
    ALTER ROLE ${APP_ROLE} LOGIN PASSWORD '${APP_PASSWORD}'`,
  );
  return { ownerUrl, appUrl: withUser(ownerUrl, APP_ROLE, APP_PASSWORD) };
}

async function runAsOwner(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

// A URL with a user but without a host, as Unix sockets have it, is none for the URL class; so by pattern.
const URL_PARTS = /^(postgres(?:ql)?:\/\/)(?:([^@/]*)@)?([^/?]*)(?:\/([^?]*))?(\?.*)?$/;

function splitUrl(url: string): {
  scheme: string;
  user: string;
  host: string;
  query: string;
  database: string;
} {
  const parts = URL_PARTS.exec(url);
  if (parts === null)
    throw new Error('TEST_DATABASE_URL must look like postgres://user:password@host:port/database');
  const [, scheme = '', user = '', host = '', database = '', query = ''] = parts;
  return { scheme, user, host, database, query };
}

export function withDatabase(url: string, name: string): string {
  const { scheme, user, host, query } = splitUrl(url);
  return `${scheme}${user === '' ? '' : `${user}@`}${host}/${name}${query}`;
}

export function withUser(url: string, user: string, password: string): string {
  const { scheme, host, database, query } = splitUrl(url);
  return `${scheme}${user}:${password}@${host}/${database}${query}`;
}
