/**
 * What servers tell each other over Redis, as text. A first line of words: name and version of this form, epoch of the
 * database, form of the records, who sends, and a sum over all of it that is made with the database's own secret. Then a
 * line per announcement: scope, head and users as JSON and, where it is small, behind a tab what the commit wrote there.
 * Promise: what another database, another version or anybody else has written is told apart from it, and never throws.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Announcement, CommitNews } from '../engine/announcement.ts';
import type { Store } from '../engine/ports.ts';

export interface Sender {
  /** Of this server alone, without blanks. */
  readonly server: string;
  /** The form of records, without blanks: news of another one are not used. */
  readonly schema: string;
  readonly store: Pick<Store, 'epoch' | 'cursorKeys'>;
}

export type Reading =
  | { readonly kind: 'heard'; readonly announcements: readonly Announcement[] }
  /** This server's own echo. */
  | { readonly kind: 'own' }
  /** Of another database or another life of it, of another version, or of nobody who should write here. */
  | { readonly kind: 'foreign' };

const FORM = 'ackord-bus/1';

/** `newsText`: JSON of what the commit wrote; null: whoever follows reads it. */
export const announcementLine = (
  { scope, head, users }: Omit<Announcement, 'news'>,
  newsText: string | null,
): string => `${JSON.stringify([scope, head, users])}${newsText === null ? '' : `\t${newsText}`}`;

export function writeMessage(sender: Sender, lines: readonly string[]): string {
  const { server, schema, store } = sender;
  const head = `${FORM} ${store.epoch} ${schema} ${server}`;
  // JSON has no bare line ends and tabs.
  const body = lines.join('\n');
  return `${head} ${sumOf(store, head, body)}\n${body}`;
}

export function readMessage(receiver: Sender, text: string): Reading {
  const end = text.indexOf('\n');
  const words = text.slice(0, Math.min(Math.max(end, 0), HEAD_LENGTH_MAX)).split(' ');
  const [form, epoch, schema, server, sum, ...more] = words;
  const { store } = receiver;
  if (form !== FORM || sum === undefined || more.length > 0 || epoch !== String(store.epoch))
    return { kind: 'foreign' };
  if (server === receiver.server) return { kind: 'own' };
  const body = text.slice(end + 1);
  const [given, own] = [Buffer.from(sum), Buffer.from(sumOf(store, words.slice(0, -1).join(' '), body))];
  if (given.length !== own.length || !timingSafeEqual(given, own)) return { kind: 'foreign' };
  const isSameForm = schema === receiver.schema;
  return {
    kind: 'heard',
    announcements: body.split('\n').flatMap((line) => announcementOf(line, isSameForm) ?? []),
  };
}

const HEAD_LENGTH_MAX = 512;

const sumOf = ({ cursorKeys }: Sender['store'], head: string, body: string): string =>
  createHmac('sha256', cursorKeys[0] ?? '')
    .update(`${head}\n`)
    .update(body)
    .digest('base64url');

function announcementOf(line: string, isSameForm: boolean): Announcement | null {
  const tab = line.indexOf('\t');
  const place = parsed(tab === -1 ? line : line.slice(0, tab));
  if (!Array.isArray(place)) return null;
  const [scope, head, users] = place as readonly unknown[];
  if (typeof scope !== 'string' || !Number.isSafeInteger(head) || !areTexts(users)) return null;
  const newsText = tab === -1 || !isSameForm ? null : line.slice(tab + 1);
  let known: CommitNews | null | undefined;
  // Mostly nobody here follows the scope: what rides along is read when somebody first asks for it.
  const news = (): CommitNews | null => {
    known ??= newsText === null ? null : (parsed(newsText) as CommitNews | null);
    return known;
  };
  return { scope, head: head as number, users, news };
}

const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
