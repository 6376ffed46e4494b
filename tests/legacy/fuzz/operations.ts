/** All operations of a schema, read off it, with all that can be selected of their answers down to some depth. */
import {
  type GraphQLArgument,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

export interface Operation {
  readonly kind: 'query' | 'mutation';
  readonly name: string;
  readonly args: readonly GraphQLArgument[];
  /** With braces; empty for scalars. */
  readonly selection: string;
}

/** `depth`: levels of objects in an answer. */
export function operationsOf(schema: GraphQLSchema, depth: number): Operation[] {
  return (['query', 'mutation'] as const).flatMap((kind) => {
    const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
    return Object.values(root?.getFields() ?? {}).map(({ name, args, type }) => ({
      kind,
      name,
      args,
      selection: selectionOf(type, depth),
    }));
  });
}

/** Lists in lists in lists would be answers without end: at the last level there are scalars alone. */
function selectionOf(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    const isObject = isObjectType(getNamedType(field.type));
    if (!isObject) return [field.name];
    return depth > 1 ? [`${field.name} ${selectionOf(field.type, depth - 1)}`] : [];
  });
  return ` { ${['__typename', ...fields].join(' ')} }`;
}

/** One document of several calls, each with variables of its own. */
export function documentOf(
  calls: readonly { readonly operation: Operation; readonly given: readonly string[] }[],
): string {
  const kind = calls[0]?.operation.kind ?? 'query';
  const variables = calls.flatMap(({ operation, given }, at) =>
    operation.args
      .filter(({ name }) => given.includes(name))
      .map(({ name, type }) => `$${name}_${at}: ${type}`),
  );
  const fields = calls.map(({ operation, given }, at) => {
    const args = given.map((name) => `${name}: $${name}_${at}`).join(', ');
    return `a${at}: ${operation.name}${args && `(${args})`}${operation.selection}`;
  });
  return `${kind} F${variables.length > 0 ? `(${variables.join(', ')})` : ''} { ${fields.join(' ')} }`;
}
