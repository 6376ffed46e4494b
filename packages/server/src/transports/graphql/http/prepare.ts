/**
 * From the text of a document to something that can run: parsed, measured, validated. Whatever is wrong with it is
 * answered as a list of errors with codes.
 */
import { errorText, LIMITS } from '@ackord/core';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  visit,
} from 'graphql';
import { ERRORS_MAX, requestError } from '../errors.ts';
import { type DocumentLimits, sizeOf, tooComplex } from './complexity.ts';
import { nestedTooDeeply } from './nesting.ts';

export interface Schemas {
  readonly queries: GraphQLSchema;
  readonly mutations: GraphQLSchema;
}

export interface PreparedDocument {
  readonly document: DocumentNode;
  /** Mutations take bulk rows as they come, queries see the schema as it is published. */
  readonly schema: GraphQLSchema;
  /** How many it selects, those of fragments wherever they are spread. */
  readonly fields: number;
  /** Compiled queries drop variables inside of a literal object, or make null of those that are left out. */
  readonly mayCompile: boolean;
}

export type Preparation =
  | { readonly ok: true; readonly prepared: PreparedDocument }
  | { readonly ok: false; readonly errors: readonly GraphQLFormattedError[] };

export interface DocumentRules extends DocumentLimits {
  /** May the schema be asked for? */
  readonly introspection: boolean;
  /** Over a socket subscriptions are served and nothing else, over HTTP all but those. */
  readonly serves?: 'subscriptions';
}

export function prepare(text: string, schemas: Schemas, limits: DocumentRules): Preparation {
  try {
    return prepared(text, schemas, limits);
  } catch (error) {
    // All that looks at a document recurses, through fragments too. What exhausts the stack is too complex.
    if (error instanceof RangeError) return refuse('It is nested too deeply.');
    throw error;
  }
}

function prepared(text: string, schemas: Schemas, limits: DocumentRules): Preparation {
  if (text.length > LIMITS.graphqlDocumentCharsMax) {
    return refuse(`It has ${text.length} characters, ${LIMITS.graphqlDocumentCharsMax} are allowed.`);
  }
  if (nestedTooDeeply(text, LIMITS.graphqlNestingMax, limits.tokensMax)) {
    return refuse(`Its brackets are nested more than ${LIMITS.graphqlNestingMax} deep.`);
  }
  const document = parsed(text, limits.tokensMax);
  if (!('kind' in document)) return document;
  const size = sizeOf(document);
  const excess = tooComplex(size, limits);
  if (excess !== null) return refuse(excess);
  const schema = hasMutation(document) ? schemas.mutations : schemas.queries;
  const rules = limits.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const errors = [
    ...(limits.serves === 'subscriptions' ? otherThanSubscriptions : subscriptionsIn)(document),
    ...validate(schema, document, rules, { maxErrors: ERRORS_MAX }),
  ];
  if (errors.length > 0) {
    return {
      ok: false,
      errors: errors.map((error) => requestError('GRAPHQL_VALIDATION_FAILED', error.message, error)),
    };
  }
  const mayCompile = size.fields <= LIMITS.graphqlCompiledFieldsMax && !hasNestedVariables(document);
  return { ok: true, prepared: { document, schema, fields: size.fields, mayCompile } };
}

function parsed(text: string, tokensMax: number): DocumentNode | Extract<Preparation, { ok: false }> {
  try {
    return parse(text, { maxTokens: tokensMax });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message.includes(`more that ${tokensMax} tokens`)) {
      return refuse(`It has more than ${tokensMax} tokens; send long values as variables.`);
    }
    return { ok: false, errors: [requestError('GRAPHQL_PARSE_FAILED', error.message, error)] };
  }
}

const refuse = (detail: string): Extract<Preparation, { ok: false }> => ({
  ok: false,
  errors: [requestError('QUERY_TOO_COMPLEX', errorText('QUERY_TOO_COMPLEX', detail))],
});

/** GraphQL's own rules look into operations, not whether they are served here. */
const operationsServedElsewhere =
  (isElsewhere: (operation: OperationTypeNode) => boolean, text: string) =>
  (document: DocumentNode): GraphQLError[] =>
    document.definitions
      .filter((node) => node.kind === Kind.OPERATION_DEFINITION && isElsewhere(node.operation))
      .map((node) => new GraphQLError(text, { nodes: [node] }));

const subscriptionsIn = operationsServedElsewhere(
  (operation) => operation === OperationTypeNode.SUBSCRIPTION,
  'Subscriptions are served over WebSocket, at this address, by the subprotocol graphql-transport-ws.',
);

const otherThanSubscriptions = operationsServedElsewhere(
  (operation) => operation !== OperationTypeNode.SUBSCRIPTION,
  'This socket serves subscriptions alone; send queries and mutations by POST, to the same address.',
);

const hasMutation = (document: DocumentNode): boolean =>
  document.definitions.some(
    (node) => node.kind === Kind.OPERATION_DEFINITION && node.operation === OperationTypeNode.MUTATION,
  );

function hasNestedVariables(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Variable(_node, _key, parent) {
      // As the value of an argument and in its own definition it is fine. The members of a list have no node above.
      if (!isNode(parent) || parent.kind === Kind.OBJECT_FIELD) found = true;
    },
  });
  return found;
}

const isNode = (parent: unknown): parent is { readonly kind: string } =>
  typeof parent === 'object' && parent !== null && 'kind' in parent;
