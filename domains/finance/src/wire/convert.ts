/**
 * From a value on the wire to the value that is stored, as leniently as the original: a choice in another case, a
 * number written as text, a moment without a zone. What can't be read is refused with the rule that it breaks; what the
 * schema of the field checks (lengths, ranges, well-formed text) is left to it.
 */
import { decimalOf, type Field, formatInstant, type JsonValue } from '@ackord/core';
import { MONEY_SCALE } from '../entities/types.ts';
import { ACTION_TYPES, CONDITION_TYPES, RULE_STAGES, TRANSACTION_TYPES } from '../entities/words.ts';
import { parseMoment } from './moment.ts';
import type { TypeName } from './type-names.ts';

export type Converted = { readonly value: unknown } | { readonly refused: string };
export type Converter = (sent: NonNullable<unknown>) => Converted;

/** Words of fields that take any text. */
const KNOWN_WORDS: { readonly [Type in TypeName]?: { readonly [field: string]: readonly string[] } } = {
  AutomationRule: { stage: RULE_STAGES },
  PlanningTransaction: { transactionType: TRANSACTION_TYPES },
  Transaction: { type: TRANSACTION_TYPES },
};

/** The converter of a field. Values that are null never get there. */
export function converterOf(type: TypeName, field: Field): Converter {
  switch (field.kind) {
    case 'text': {
      const words = KNOWN_WORDS[type]?.[field.name];
      return words ? knownWord(words) : asText;
    }
    case 'choice':
      return choiceOf(field.choices);
    case 'integer':
      return field.nullable ? emptyIsNull(asInteger) : asInteger;
    case 'decimal':
      return field.nullable ? emptyIsNull(asDecimal) : asDecimal;
    case 'flag':
      return asFlag;
    case 'instant':
      return asInstant;
    case 'json':
      return LISTS[field.name] ?? missingConverter(field);
    case 'id':
    case 'ids':
    case 'number':
      return missingConverter(field);
  }
}

const missingConverter = (field: Field): never => {
  throw new Error(`Fields such as ${field.name} (${field.kind}) have no form on the wire of finance.`);
};

const asText: Converter = (sent) =>
  typeof sent === 'string' ? { value: sent } : { refused: 'must be a text' };

function knownWord(words: readonly string[]): Converter {
  const known = new Map(words.map((word) => [word.toLowerCase(), word]));
  return (sent) =>
    typeof sent === 'string'
      ? { value: known.get(sent.toLowerCase()) ?? sent }
      : { refused: 'must be a text' };
}

function choiceOf(choices: readonly string[]): Converter {
  const known = new Map(choices.map((choice) => [choice.toLowerCase(), choice]));
  const refused = `must be one of ${choices.join(', ')}`;
  return (sent) => {
    const value = typeof sent === 'string' ? known.get(sent.toLowerCase()) : undefined;
    return value === undefined ? { refused } : { value };
  };
}

const asInteger: Converter = (sent) => {
  const value = decimalOf(sent, 0) === null ? null : Number(sent);
  return Number.isInteger(value) ? { value: Number(value) || 0 } : { refused: 'must be a whole number' }; // no -0
};

const asDecimal: Converter = (sent) => {
  const value = decimalOf(sent, MONEY_SCALE);
  return value === null ? { refused: 'must be a number' } : { value };
};

/** What an input for numbers gives when it was emptied. */
const emptyIsNull =
  (convert: Converter): Converter =>
  (sent) =>
    sent === '' ? { value: null } : convert(sent);

const asFlag: Converter = (sent) =>
  typeof sent === 'boolean' ? { value: sent } : { refused: 'must be true or false' };

const asInstant: Converter = (sent) => {
  const time = parseMoment(sent);
  return time === null ? { refused: 'must be an ISO 8601 moment' } : { value: formatInstant(time) };
};

const asIds: Converter = (sent) =>
  Array.isArray(sent) && sent.every((id) => typeof id === 'string')
    ? { value: sent }
    : { refused: 'must be a list of ids' };

/** A list of objects with the named members; others are dropped, as unknown keys are everywhere. */
function partsOf(middle: 'operator' | 'field', types: readonly string[]): Converter {
  const known = new Map(types.map((type) => [type.toLowerCase(), type]));
  const refused = `must be a list of objects with the texts type and ${middle}, and a value`;
  return (sent) => {
    if (!Array.isArray(sent)) return { refused };
    const parts: JsonValue[] = [];
    for (const part of sent as unknown[]) {
      if (typeof part !== 'object' || part === null) return { refused };
      const { type, [middle]: word = null, value = null } = part as { [member: string]: JsonValue };
      if (typeof type !== 'string' || (word !== null && typeof word !== 'string')) return { refused };
      parts.push({ type: known.get(type.toLowerCase()) ?? type, [middle]: word, value });
    }
    return { value: parts };
  };
}

const LISTS: { readonly [field: string]: Converter } = {
  tagIds: asIds,
  conditions: partsOf('operator', CONDITION_TYPES),
  actions: partsOf('field', ACTION_TYPES),
};
