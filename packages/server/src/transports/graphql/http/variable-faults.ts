/**
 * What is wrong with the variables of a request, in words of our own: the path and the rule. The library's messages
 * repeat the whole variable, and that may hold a password.
 * Asked only once the library has refused them: here is no coercion, only the search for what it stumbled over.
 */
import {
  GraphQLError,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { MOMENT_RULE } from '../scalars.ts';

const RULES: { readonly [scalar: string]: string } = {
  String: 'must be a text',
  ID: 'must be a text',
  Int: 'must be a whole number from -2147483648 to 2147483647',
  Float: 'must be a number',
  Boolean: 'must be true or false',
  DateTime: MOMENT_RULE,
};

/** Up to `faultsMax` of them, at the places where the variables are declared. Never empty. */
export function variableFaults(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: { readonly [name: string]: unknown },
  faultsMax: number,
): readonly GraphQLError[] {
  const found: GraphQLError[] = [];
  for (const node of operation.variableDefinitions ?? []) {
    const name = node.variable.name.value;
    const type = typeFromAST(schema, node.type);
    if (!isInputType(type)) continue;
    const given = Object.hasOwn(variables, name);
    if (!given && (node.defaultValue || !isNonNullType(type))) continue;
    for (const fault of faultsOf(given ? variables[name] : undefined, type, `$${name}`)) {
      if (found.length >= faultsMax) return found;
      found.push(new GraphQLError(fault, { nodes: [node] }));
    }
  }
  return found.length > 0 ? found : [new GraphQLError('A variable has a value that is not allowed.')];
}

function* faultsOf(value: unknown, type: GraphQLInputType, path: string): Generator<string> {
  if (isNonNullType(type)) {
    if (value === undefined) yield `The variable ${path} must be given.`;
    else if (value === null) yield `The variable ${path} must not be null.`;
    else yield* faultsOf(value, type.ofType, path);
  } else if (value === null || value === undefined) return;
  else if (isListType(type)) {
    if (!Array.isArray(value)) yield* faultsOf(value, type.ofType, path);
    else for (const [at, item] of value.entries()) yield* faultsOf(item, type.ofType, `${path}[${at}]`);
  } else if (isInputObjectType(type)) yield* faultsOfObject(value, type, path);
  else if (!isFine(value, type)) yield `The variable ${path} ${ruleOf(type)}.`;
}

function* faultsOfObject(value: unknown, type: GraphQLInputObjectType, path: string): Generator<string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    yield `The variable ${path} must be an object.`;
    return;
  }
  const fields = type.getFields();
  const sent = new Map(Object.entries(value));
  for (const field of Object.values(fields)) {
    if (!sent.has(field.name) && !isRequiredInputField(field)) continue;
    yield* faultsOf(sent.get(field.name), field.type, `${path}.${field.name}`);
  }
  const unknown = [...sent.keys()].find((name) => !Object.hasOwn(fields, name));
  if (unknown === undefined) return;
  // A name is no value, but what is none of the sort may be one that slipped there.
  const named = /^\w{1,40}$/.test(unknown)
    ? `${path}.${unknown} is not known`
    : `${path} has an unknown member`;
  yield `The variable ${named}; known there: ${Object.keys(fields).join(', ')}.`;
}

function isFine(value: unknown, type: GraphQLLeafType): boolean {
  try {
    return type.parseValue(value) !== undefined;
  } catch {
    return false;
  }
}

const ruleOf = (type: GraphQLLeafType): string =>
  isEnumType(type)
    ? `must be one of ${type
        .getValues()
        .map(({ name }) => name)
        .join(', ')}`
    : (RULES[type.name] ?? `must be a ${type.name}`);
