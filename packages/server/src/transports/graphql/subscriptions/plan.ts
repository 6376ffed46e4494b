/**
 * From a message to what is to be done about it: the document is read, measured and validated by the same rules as over
 * HTTP, its arguments are looked at, and out comes which of the subscriptions it is, with what.
 */
import { errorText, LIMITS } from '@ackord/core';
import {
  createSourceEventStream,
  type DocumentNode,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { ERRORS_MAX, requestError } from '../errors.ts';
import { createDocumentCache } from '../http/document-cache.ts';
import type { GraphQLRequest } from '../http/execute.ts';
import { type DocumentRules, prepare, type Schemas } from '../http/prepare.ts';
import { variableFaults } from '../http/variable-faults.ts';
import type { Asked } from './asked.ts';
import { type DocumentShape, shapeOf } from './shape.ts';

export interface Plan {
  readonly asked: Asked;
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly variables: GraphQLRequest['variables'];
  readonly shape: DocumentShape;
}

export type Planning =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly errors: readonly GraphQLFormattedError[] };

export type Planner = (request: GraphQLRequest) => Promise<Planning>;

interface KnownDocument {
  readonly document: DocumentNode;
  readonly shape: DocumentShape;
}

export function createPlanner(schemas: Schemas, rules: DocumentRules): Planner {
  const documents = createDocumentCache<KnownDocument>(LIMITS.graphqlKeptFieldsMax);
  let made = 0;

  const known = (text: string): KnownDocument | readonly GraphQLFormattedError[] => {
    const cached = documents.get(text);
    if (cached) return cached;
    const result = prepare(text, schemas, { ...rules, serves: 'subscriptions' });
    if (!result.ok) return result.errors;
    const { document, schema, fields } = result.prepared;
    const entry = { document, shape: shapeOf(schema, document, made++) };
    documents.set(text, entry, fields + text.length / CHARS_PER_FIELD);
    return entry;
  };

  return async ({ query, operationName, variables }) => {
    const entry = known(query);
    if (!('document' in entry)) return { ok: false, errors: entry };
    const { document, shape } = entry;
    const schema = schemas.queries;
    const operation = getOperationAST(document, operationName);
    if (!operation) return refuse('operationName must name one operation of the document.');
    if (isConditional(document, operation.selectionSet)) return refuse(CONDITION_RULE);
    const found = await createSourceEventStream({
      schema,
      document,
      operationName,
      variableValues: variables,
    });
    if ('errors' in found) return { ok: false, errors: faultsOf(schema, operation, variables, found.errors) };
    const { asked } = found as unknown as { readonly asked: Asked };
    return { ok: true, plan: { asked, schema, document, operationName, variables, shape } };
  };
}

/** Of the arguments; those that came as variables are named in words of our own. */
function faultsOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: GraphQLRequest['variables'],
  errors: readonly GraphQLError[] = [],
): readonly GraphQLFormattedError[] {
  const isAboutVariables = errors.every(({ path }) => path === undefined);
  const told = isAboutVariables ? variableFaults(schema, operation, variables, ERRORS_MAX) : errors;
  return told.slice(0, ERRORS_MAX).map((error) => requestError('BAD_USER_INPUT', error.message, error));
}

const refuse = (detail: string): Planning => ({
  ok: false,
  errors: [requestError('BAD_USER_INPUT', errorText('BAD_USER_INPUT', detail))],
});

const CONDITION_RULE = 'What is subscribed to can be neither skipped nor included on a condition.';

/** A subscription to nothing would have no answer. */
function isConditional(document: DocumentNode, { selections }: SelectionSetNode): boolean {
  return selections.some((node) => {
    if ((node.directives ?? []).length > 0) return true;
    if (node.kind === Kind.FIELD) return false;
    const inner = node.kind === Kind.INLINE_FRAGMENT ? node : fragmentOf(document, node.name.value);
    return inner !== undefined && isConditional(document, inner.selectionSet);
  });
}

const fragmentOf = (document: DocumentNode, name: string) =>
  document.definitions.find((node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name) as
    | { readonly selectionSet: SelectionSetNode }
    | undefined;

/** What a field takes when it is kept, in characters of a document that are kept. */
const CHARS_PER_FIELD = 20;
