/** What a person reads who has just started the server in a terminal. */
import { resolve } from 'node:path';
import type { Config } from '@ackord/server';

export interface Running {
  readonly url: string;
  readonly config: Config;
  /** Version of the own PostgreSQL; null when it is somebody else's. */
  readonly embeddedVersion: string | null;
  /** Address of the page for trying things out; null when it is off. */
  readonly graphiqlUrl: string | null;
}

export function hello({ url, config, embeddedVersion, graphiqlUrl }: Running): string {
  const data =
    embeddedVersion === null
      ? 'the database at DATABASE_URL'
      : `${config.dataFolder} (PostgreSQL ${embeddedVersion})`;
  const lines = [
    config.production
      ? 'Ackord is running.'
      : 'Ackord is running. This is a development set-up: not for the open network.',
    '',
    `  Travel    ${url}/graphql (GraphQL)`,
    ...(graphiqlUrl === null ? [] : [`  Try it    ${graphiqlUrl} (GraphiQL, in a browser)`]),
    `  Finance   ${url.replace(/^http/, 'ws')}/ws/<tenant id> (WebSocket), ${url}/api/docs (REST)`,
    ...(config.finance.openAccess
      ? ['            Open access: finance apps need no token. FINANCE_OPEN_ACCESS=off asks for one.']
      : []),
    `  Data      ${data}`,
    ...(config.production
      ? []
      : tokenLines(embeddedVersion === null ? '' : folderSetting(config.dataFolder))),
    '  Stop      Ctrl+C',
  ];
  return `\n${lines.join('\n')}\n\n`;
}

/** The command looks for the database where the settings say; a folder that was named for this start alone is named again. */
const folderSetting = (folder: string): string =>
  folder === resolve('data') ? '' : `ACKORD_DATA_DIR='${folder}' `;

const tokenLines = (setting: string): string[] => [
  `  Token     ${setting}npx ackord token --email tester@example.org   (a user without a password)`,
  '            or mutation { register(input: { email: "you@example.org", password: "at least 8 letters" }) { id } }',
  '            and then mutation { login(input: { email: "you@example.org", password: "…" }) { token } }',
  '            Send it as the header  Authorization: Bearer <token>',
];
