import { parseConfig } from '@ackord/server';
import { expect, test } from 'vitest';
import { hello } from '../src/hello.ts';

const textOf = (environment: Record<string, string>): string => {
  const parsed = parseConfig(environment);
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  const graphiqlUrl = parsed.config.graphql.graphiql ? 'http://127.0.0.1:4000/graphql' : null;
  const embeddedVersion = parsed.config.database.url === null ? '18.4' : null;
  return hello({ url: 'http://127.0.0.1:4000', config: parsed.config, embeddedVersion, graphiqlUrl });
};

test('a newcomer learns where it is, how to get a token, where the data are, and what this is not', () => {
  const text = textOf({ ACKORD_DATA_DIR: '/srv/journal' });
  expect(text).toContain('http://127.0.0.1:4000/graphql (GraphiQL, in a browser)');
  expect(text).toContain('npx ackord token --email');
  expect(text).toContain('login(input:');
  expect(text).toContain('/srv/journal (PostgreSQL 18.4)');
  expect(text).toContain('development set-up');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
});

test('in production there is nothing about trying out, and no address of the database', () => {
  const text = textOf({
    NODE_ENV: 'production',
    JWT_SECRET: 'k3vJ8mQ2xW7pL5nR9tY4bH6cF1dS0gZaU+iO',
    DATABASE_URL: 'postgres://owner:needle@db.example.org/ackord',
  });
  expect(text).not.toMatch(/GraphiQL|token|development|needle|db\.example/);
  expect(text).toContain('DATABASE_URL');
});
