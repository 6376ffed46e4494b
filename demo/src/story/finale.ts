/** The end: everybody fetches what is left, then the digests of all phones and of the server stand side by side. */
import { type Digest, emptyDigest, formatDigest, sumDigests } from '@ackord/core';
import { askDigests, differences } from '../phone/compare-digests.ts';
import type { Phone } from '../phone/phone.ts';
import type { ScopeTypeDigest } from '../phone/replica.ts';
import { entityTypes } from '../phone/wire.ts';
import { tableLines } from '../print/table.ts';
import { count } from '../print/timeline.ts';
import { cut } from '../print/wrap.ts';
import { NotEqual, type Story } from './story.ts';

const NAME_LENGTH_MAX = 26;
/** Of a digest's 32 digits; all of them are compared. */
const DIGITS_SHOWN = 10;

/** Throws NotEqual where two of them differ. */
export async function finale(story: Story, clara: Phone): Promise<void> {
  const { timeline, anna, ben } = story;
  timeline.chapter('The end - Are they equal?');
  timeline.line('');
  const server = await askDigests(anna);
  const [ofAnna, ofBen] = [anna.replica.digests(), ben.replica.digests()];
  const scopes = [...new Set(server.map(({ scope }) => scope))].sort(
    (a, b) => sizeOf(server, b) - sizeOf(server, a),
  );
  const rows = scopes.map((scope) => row(story, scope, [ofAnna, ofBen, server]));
  const heading = ['', 'records', "Anna's phone", "Ben's phone", 'server', ''];
  const total = ['all together', ...cells([ofAnna, ofBen, server])];
  for (const line of tableLines([heading, ...rows, total], [1])) timeline.line(line);
  timeline.line('');
  timeline.text(byType(server));

  for (const [phone, kept] of [
    [anna, server],
    [ben, server],
    [clara, await askDigests(clara)],
  ] as const) {
    const [difference] = differences(phone.replica.digests(), kept);
    if (!difference) continue;
    const { entityType, scope, phone: mine, server: theirs } = difference;
    throw new NotEqual(
      `${phone.owner}'s phone differs in ${entityType} of ${scope}: ${mine}, server ${theirs}.`,
    );
  }
}

type Digests = readonly ScopeTypeDigest[];

function row({ anna }: Story, scope: string, sides: readonly Digests[]): string[] {
  const own = sides.map((side) => side.filter((one) => one.scope === scope));
  const [kind, id = ''] = scope.split(':');
  const name =
    kind === 'trip' ? `Trip ${anna.replica.get('Trip', id)?.fields.name}` : 'Journal (tags, wishes)';
  return [cut(name, NAME_LENGTH_MAX), ...cells(own)];
}

function cells(sides: readonly Digests[]): string[] {
  const texts = sides.map((side) => formatDigest(together(side)));
  const [first = ''] = texts;
  const digits = texts.map((text) => `${text.slice(text.indexOf(':') + 1).slice(0, DIGITS_SHOWN)}…`);
  return [
    count(Number(first.split(':')[0])),
    ...digits,
    texts.every((text) => text === first) ? 'equal' : 'DIFFERENT',
  ];
}

const together = (digests: Digests): Digest =>
  sumDigests(emptyDigest, ...digests.map(({ digest }) => digest));

const sizeOf = (digests: Digests, scope: string): number =>
  together(digests.filter((one) => one.scope === scope)).count;

function byType(server: Digests): string {
  const parts = entityTypes.map(({ name }) => {
    const number = together(server.filter(({ entityType }) => entityType === name)).count;
    return `${name} ${count(number)}`;
  });
  return `By type: ${parts.join(', ')}`;
}
