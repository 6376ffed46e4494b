/**
 * Runs documents. A document that comes a second time is compiled to a function of its own. graphql-jit is used by
 * itself: the ready-made server around it compiles one function per document, so that with two operations in a document
 * the second is answered with the first, and it reads all variables twice (measured with 10,000 bulk rows: 111 ms
 * against 33 ms); its cache counts documents, not their size.
 */
import { type ErrorCode, errorText, LIMITS } from '@ackord/core';
import {
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import type { GraphQLContext } from '../context.ts';
import { CallRefused, ERRORS_MAX, executionError, requestError } from '../errors.ts';
import { createDocumentCache } from './document-cache.ts';
import { type DocumentRules, type PreparedDocument, prepare, type Schemas } from './prepare.ts';
import { variableFaults } from './variable-faults.ts';

export interface GraphQLRequest {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: { readonly [name: string]: unknown };
}

/** `status`: 200 for what was executed, 400 for what could not even begin. */
export interface GraphQLAnswer {
  readonly status: 200 | 400;
  readonly body: {
    readonly data?: unknown;
    readonly errors?: readonly GraphQLFormattedError[];
  };
}

export type Executor = (
  request: GraphQLRequest,
  context: GraphQLContext,
  report: (cause: unknown) => void,
) => Promise<GraphQLAnswer>;

type Compiled = CompiledQuery<Record<string, unknown>, Record<string, unknown>>;

/** A document with the functions that its operations were compiled to, once they came a second time. */
interface KnownDocument extends PreparedDocument {
  readonly compiled: Map<string | null, Compiled | 'once' | 'impossible'>;
}

export function createExecutor(
  schemas: Schemas,
  options: DocumentRules & { readonly compile: boolean },
): Executor {
  const documents = createDocumentCache<KnownDocument>(LIMITS.graphqlKeptFieldsMax);

  const known = (text: string): KnownDocument | readonly GraphQLFormattedError[] => {
    const cached = documents.get(text);
    if (cached) return cached;
    const result = prepare(text, schemas, options);
    if (!result.ok) return result.errors;
    const document = { ...result.prepared, compiled: new Map() };
    documents.set(text, document, document.fields + text.length / CHARS_PER_FIELD);
    return document;
  };

  return async ({ query, operationName, variables }, context, report) => {
    const document = known(query);
    if (!('document' in document)) return { status: 400, body: { errors: document } };
    const operation = getOperationAST(document.document, operationName);
    if (!operation) {
      return badRequest('BAD_USER_INPUT', 'operationName must name one operation of the document.');
    }
    const compiled = options.compile ? compiledOperation(document, operationName) : null;
    const result: ExecutionResult = compiled
      ? await compiled.query({}, context, variables)
      : await execute({
          schema: document.schema,
          document: document.document,
          contextValue: context,
          variableValues: variables,
          operationName,
        });
    if (result.data !== undefined) return answerOf(result, operation.operation === 'query', report);
    // Without data nothing was executed: the variables could not be read.
    const faults = variableFaults(document.schema, operation, variables, ERRORS_MAX);
    return { status: 400, body: { errors: faults.map(variableError) } };
  };
}

function compiledOperation(document: KnownDocument, name: string | null): Compiled | null {
  if (!document.mayCompile) return null;
  const before = document.compiled.get(name);
  if (before === undefined) {
    document.compiled.set(name, 'once');
    return null;
  }
  if (before !== 'once') return before === 'impossible' ? null : before;
  const compiled = compileQuery<Record<string, unknown>, Record<string, unknown>>(
    document.schema,
    document.document,
    name ?? undefined,
    {},
  );
  document.compiled.set(name, isCompiledQuery(compiled) ? compiled : 'impossible');
  return isCompiledQuery(compiled) ? compiled : null;
}

/**
 * All or nothing: clients drop an answer with errors whole, and half of what was read would look like all of it. Only of
 * a mutation that did a part of what was asked the part is told.
 */
function answerOf(
  { data, errors }: ExecutionResult,
  isQuery: boolean,
  report: (cause: unknown) => void,
): GraphQLAnswer {
  if (!errors) return { status: 200, body: { data } };
  const isNothing =
    isQuery ||
    Object.values(data ?? {}).every((value) => value === null) ||
    errors.some(({ originalError }) => isTooMuch(originalError));
  // One fault may show in every row of an answer; the first ones say it all.
  const first = errors.slice(0, ERRORS_MAX);
  const told = first.map((error) => executionError(error, report));
  return { status: 200, body: { data: isNothing ? null : data, errors: told } };
}

/** Then lists beside the one that was refused are cut short. */
const isTooMuch = (cause: unknown): boolean =>
  cause instanceof CallRefused && cause.code === 'QUERY_TOO_COMPLEX';

const variableError = (error: GraphQLError): GraphQLFormattedError =>
  requestError('BAD_USER_INPUT', error.message, error);

/** What a field takes when it is kept, in characters of a document that are kept. */
const CHARS_PER_FIELD = 20;

export const badRequest = (code: ErrorCode, detail: string): GraphQLAnswer => ({
  status: 400,
  body: { errors: [requestError(code, errorText(code, detail))] },
});
