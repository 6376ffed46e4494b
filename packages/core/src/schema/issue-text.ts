/**
 * What is wrong with a value, in a few words that go on from the field's name: "title must have at most 1000
 * characters". Texts of the validation library never reach a caller; only a domain's own messages stand before these.
 */
import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

export const NO_NUMBER = 'must be a number';
export const NO_WHOLE_NUMBER = 'must be a whole number';

const TYPES: { readonly [expected: string]: string } = {
  string: 'must be a text',
  number: NO_NUMBER,
  int: NO_WHOLE_NUMBER,
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object',
  record: 'must be an object',
};

/** What is counted of a value that has a size. */
const UNITS: { readonly [origin: string]: string } = { string: 'characters', array: 'items', set: 'items' };

/** A rule without an end mark, by the kind of issue; the value itself is never told. */
export function issueText(issue: Issue): string {
  if (issue.input === null) return 'must not be null';
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[String(issue.expected)] ?? 'must be of another type';
    case 'too_big':
      return bound(issue.origin, Number(issue.maximum), issue.inclusive === false ? 'less than' : 'at most');
    case 'too_small':
      return bound(issue.origin, Number(issue.minimum), issue.inclusive === false ? 'more than' : 'at least');
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return 'has members that are not known';
    case 'invalid_format':
      return 'is not written as it must be';
    default:
      return 'is not allowed';
  }
}

function bound(origin: string, limit: number, comparison: string): string {
  const unit = UNITS[origin];
  if (unit === undefined) return `must be ${comparison} ${limit}`;
  if (comparison === 'at least' && limit === 1) return 'must not be empty';
  return `must have ${comparison} ${limit} ${unit}`;
}
