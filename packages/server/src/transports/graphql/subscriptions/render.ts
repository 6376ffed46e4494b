/**
 * The data of an event as JSON, executed like any other answer. Where several clients get the same but for their
 * positions, these are left open, and filled in for each without going through the text again.
 */
import { randomUUID } from 'node:crypto';
import { execute } from 'graphql';
import type { GraphQLContext } from '../context.ts';
import { ERRORS_MAX, executionError } from '../errors.ts';
import type { Plan } from './plan.ts';
import { ToldErrors } from './told-errors.ts';

/** Values that stand for a client's own; nobody can have stored them. */
export const OPEN = { cursor: `cursor ${randomUUID()}`, moment: `moment ${randomUUID()}` } as const;

/** Pieces of a text; every second one is the name of what goes there. */
export type Rendered = readonly string[];

/** `value`: what the field that is subscribed to resolves to. Half of a page would look like all of it: with errors it rejects with them. */
export async function render(
  { asked, schema, document, operationName, variables }: Plan,
  value: unknown,
  context: GraphQLContext,
  report: (cause: unknown) => void,
): Promise<Rendered> {
  const { data, errors } = await execute({
    schema,
    document,
    operationName,
    variableValues: variables,
    rootValue: { [asked.field]: value },
    contextValue: context,
  });
  if (errors) throw new ToldErrors(errors.slice(0, ERRORS_MAX).map((error) => executionError(error, report)));
  return JSON.stringify(data).split(PLACES);
}

const PLACES = new RegExp(`"(${OPEN.cursor}|${OPEN.moment})"`);

export const filled = (
  rendered: Rendered,
  own: { readonly cursor: string; readonly moment: string },
): string => {
  let text = rendered[0] ?? '';
  for (let at = 1; at < rendered.length; at += 2) {
    const value = rendered[at] === OPEN.cursor ? own.cursor : own.moment;
    text += JSON.stringify(value) + (rendered[at + 1] ?? '');
  }
  return text;
};
