/**
 * Tells what became of edits that met on the server: who wrote what and when, what stands now, and why. Whose value
 * stands is read off the replica, not taken from anybody's word.
 */
import { equalJson, type Fields, type JsonValue } from '@ackord/core';
import type { Outcome } from '../phone/settle.ts';
import type { EntityName } from '../phone/wire.ts';
import { cut } from '../print/wrap.ts';
import type { Edit } from './ledger.ts';
import type { Story } from './story.ts';

/** What somebody did that is no edit of the record itself. */
export interface Side {
  readonly who: string;
  readonly time: number;
  readonly text: string;
  readonly stands: boolean;
}

const VALUE_LENGTH_MAX = 34;
const MERGED_LENGTH_MAX = 54;

/** Call it when all phones have fetched what the server decided. */
export function explain(story: Story, outcome: Outcome, more: readonly Side[] = []): void {
  const { timeline, ledger, clock } = story;
  const { paint } = timeline;
  const { entity, id } = outcome.change;
  const head = `${entity === 'Memory' ? '' : `${entity} `}"${ledger.nameOf(entity, id)}"`;
  timeline.row(`${paint(outcome.kind === 'conflict' ? 'odd' : 'good', outcome.kind.padEnd(9))} ${head}`);
  const sides = [...ledger.editsOf(entity, id).map((edit) => sideOf(story, edit)), ...more].sort(
    (a, b) => a.time - b.time,
  );
  const latest = sides.at(-1);
  const width = Math.max(...sides.map(({ text }) => text.length));
  for (const side of sides) {
    const mark = verdict(outcome, side, side === latest);
    timeline.row(
      `  ${side.who.padEnd(5)} ${clock.clockTime(side.time)}  ${side.text.padEnd(width)}  ${paint(side.stands ? 'good' : 'quiet', mark)}`.trimEnd(),
    );
  }
  if (outcome.kind === 'merged') tellMerged(story, entity, id);
}

function verdict(outcome: Outcome, { stands }: Side, isLatest: boolean): string {
  switch (outcome.kind) {
    case 'conflict':
      if (stands) return `stands (${isLatest ? 'the later edit' : 'not the later edit'})`;
      return outcome.receipt.winner === 'both' ? 'is in a second record' : 'does not stand, but is kept';
    case 'pending':
      return stands ? 'stands until a person decides' : 'waits, and is kept';
    case 'applied':
    case 'merged':
    case 'refused':
      return stands ? 'stands' : '';
  }
}

function sideOf(story: Story, edit: Edit): Side {
  const now = recordNow(story, edit.entity, edit.id);
  const { who, time } = edit;
  if (edit.operation === 'DELETE') return { who, time, text: 'deletes it', stands: now === null };
  const names = Object.keys(edit.fields);
  return {
    who,
    time,
    text: editText(story, edit),
    stands: now !== null && names.every((name) => equalJson(now[name], edit.fields[name])),
  };
}

const recordNow = ({ anna }: Story, entity: EntityName, id: string): Fields | null =>
  anna.replica.get(entity, id)?.fields ?? null;

/** Where neither side stands as it was sent, both are in what stands now. */
function tellMerged(story: Story, entity: EntityName, id: string): void {
  const now = recordNow(story, entity, id);
  const edits = story.ledger.editsOf(entity, id);
  if (!now) return;
  for (const field of new Set(edits.flatMap(({ fields }) => Object.keys(fields)))) {
    const sent = edits.filter(({ fields }) => fields[field] !== undefined);
    if (sent.length < 2 || sent.some(({ fields }) => equalJson(fields[field], now[field]))) continue;
    const text = `${fieldName(field)} ${valueText(story, field, now[field] ?? null, MERGED_LENGTH_MAX)}`;
    story.timeline.row(story.timeline.paint('good', `  ${'now'.padEnd(12)} ${text}`));
  }
}

/** The fields that belong to a place are one thing to people. */
const HIDDEN = new Set(['latitude', 'longitude']);

function editText(story: Story, { fields, baseFields }: Edit): string {
  return Object.entries(fields)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, value]) => {
      const before = baseFields?.[name];
      const text =
        Array.isArray(value) && Array.isArray(before)
          ? listChange(story, before, value)
          : name === 'text' && typeof before === 'string' && typeof value === 'string'
            ? newLines(before, value)
            : valueText(story, name, value, VALUE_LENGTH_MAX);
      return `${fieldName(name)} ${text}`;
    })
    .join(', ');
}

const FIELD_NAMES: { readonly [field: string]: string } = {
  locationName: 'place',
  tagIds: 'tags',
  tripId: 'moves it to',
};

const fieldName = (field: string): string => FIELD_NAMES[field] ?? field;

function listChange(story: Story, before: readonly JsonValue[], after: readonly JsonValue[]): string {
  const added = after.filter((id) => !before.includes(id)).map((id) => `+${tagName(story, id)}`);
  const gone = before.filter((id) => !after.includes(id)).map((id) => `-${tagName(story, id)}`);
  return [...added, ...gone].join(' ');
}

/** Of a longer text only what is new. */
function newLines(before: string, after: string): string {
  const known = new Set(before.split('\n'));
  const lines = after.split('\n').filter((line) => !known.has(line));
  return `+${quoted(lines.join(' / '), VALUE_LENGTH_MAX)}`;
}

function valueText(story: Story, field: string, value: JsonValue, lengthMax: number): string {
  if (Array.isArray(value)) return value.map((id) => tagName(story, id)).join(', ');
  if (field === 'tripId') return quoted(story.ledger.nameOf('Trip', String(value)), lengthMax);
  if (typeof value === 'string') return quoted(value.replaceAll('\n', ' / '), lengthMax);
  return String(value);
}

const tagName = ({ ledger }: Story, id: JsonValue): string => ledger.nameOf('Tag', String(id));

const quoted = (text: string, lengthMax: number): string => `"${cut(text, lengthMax)}"`;
