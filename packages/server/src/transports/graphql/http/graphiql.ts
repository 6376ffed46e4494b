/**
 * The page for trying out GraphQL in a browser, at the address of the endpoint itself. Nothing of it comes from
 * elsewhere at run time: its files are those of the npm packages graphiql, react and react-dom. These are development
 * dependencies; where they are not installed there is no page.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';

const require = createRequire(import.meta.url);

/** Name in the address → package and file in it. */
const FILES = {
  'react.js': ['react', 'umd/react.production.min.js'],
  'react-dom.js': ['react-dom', 'umd/react-dom.production.min.js'],
  'graphiql.js': ['graphiql', 'graphiql.min.js'],
  'graphiql.css': ['graphiql', 'graphiql.min.css'],
} as const;

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

/** Own scripts only; the editor writes styles into the page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

export type SendPage = (reply: FastifyReply) => FastifyReply;

/** Adds what the page is made of, and gives back how to answer with it; null where its packages are not there. */
export function addGraphiql(app: FastifyInstance, path: string): SendPage | null {
  const files = filePaths();
  if (!files) return null;
  const base = `${path}/graphiql`;
  app.get(`${base}/start.js`, async (_request, reply) => reply.type(SCRIPT).send(startScript(path)));
  for (const [name, file] of files) {
    app.get(`${base}/${name}`, async (_request, reply) =>
      reply
        .type(name.endsWith('.css') ? STYLE : SCRIPT)
        .header('cache-control', 'private, max-age=3600')
        .send(await readFile(file)),
    );
  }
  return (reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(page(base));
}

function filePaths(): ReadonlyMap<string, string> | null {
  try {
    return new Map(
      Object.entries(FILES).map(([name, [from, file]]) => [
        name,
        join(dirname(require.resolve(`${from}/package.json`)), file),
      ]),
    );
  } catch {
    return null;
  }
}

const page = (base: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>GraphiQL</title>
<link rel="stylesheet" href="${base}/graphiql.css">
<style>body { margin: 0 } #graphiql { height: 100vh }</style>
</head>
<body>
<div id="graphiql"></div>
${['react.js', 'react-dom.js', 'graphiql.js', 'start.js'].map((name) => `<script src="${base}/${name}"></script>`).join('\n')}
</body>
</html>
`;

const startScript = (
  path: string,
): string => `const fetcher = GraphiQL.createFetcher({ url: ${JSON.stringify(path)} });
const page = React.createElement(GraphiQL, { fetcher, shouldPersistHeaders: false });
ReactDOM.createRoot(document.getElementById('graphiql')).render(page);
`;
