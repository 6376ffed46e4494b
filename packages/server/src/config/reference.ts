/** Writes the two texts about the configuration that people read, from the schema that the server reads. */
import { SCHEMA, type SettingName } from './schema.ts';
import { SETTING_FACTS, type SettingFacts } from './setting.ts';

interface Entry extends SettingFacts {
  readonly name: string;
}

function entries(): Entry[] {
  const names = Object.keys(SCHEMA.shape) as SettingName[];
  return names.flatMap((name) => {
    const facts = SETTING_FACTS.get(SCHEMA.shape[name]);
    return facts ? [{ name, ...facts }] : [];
  });
}

/** In the order of the schema. (Map.groupBy is not there in Node 20.) */
function groups(): Map<string, Entry[]> {
  const found = new Map<string, Entry[]>();
  for (const entry of entries()) found.set(entry.group, [...(found.get(entry.group) ?? []), entry]);
  return found;
}

/** `.env.example`: every setting in a comment with its default, so that a copy of it changes nothing. */
export function envExample(): string {
  const blocks = [...groups()].map(([group, list]) =>
    [`# ---- ${group} ----`, ...list.map(envEntry)].join('\n\n'),
  );
  const opening =
    '# Settings of the Ackord server. Copy this file to .env and change what you need; an empty value counts as not set.\n' +
    '# Generated from packages/server/src/config/schema.ts: change it there, then run: npm run generate';
  return `${[opening, ...blocks].join('\n\n')}\n`;
}

function envEntry({ name, about, allowed, fallback, fallbackNote }: Entry): string {
  const unset = fallbackNote === null ? '' : ` Not set: ${fallbackNote}.`;
  return [`# ${about}`, `# Allowed: ${allowed}.${unset}`, `# ${name}=${fallback ?? ''}`].join('\n');
}

/** `docs/configuration.md`: the same as tables. */
export function configurationPage(): string {
  const opening = `# Configuration

The server is configured by environment variables; a file \`.env\` in the working directory is read too, and what is
set in the environment wins over it. An empty value counts as not set. A value that is not allowed stops the start,
with one line per problem. Secrets are never shown in messages or logs.

This page and \`.env.example\` are generated from \`packages/server/src/config/schema.ts\` by \`npm run generate\`.`;
  const tables = [...groups()].map(([group, list]) =>
    [
      `## ${group}`,
      '',
      '| setting | default | allowed | what it does |',
      '|---|---|---|---|',
      ...list.map(row),
    ].join('\n'),
  );
  return `${[opening, ...tables].join('\n\n')}\n`;
}

function row({ name, about, allowed, fallback, fallbackNote, secret }: Entry): string {
  const unset = fallback === null ? (fallbackNote ?? 'not set') : `\`${fallback}\``;
  const cells = [`\`${name}\``, unset, allowed, secret ? `${about} A secret.` : about];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
