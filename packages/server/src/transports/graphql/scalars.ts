/** DateTime: in, a moment becomes milliseconds since 1970; out, it is always UTC with milliseconds and Z. */
import { formatInstant, parseWideInstant } from '@ackord/core';
import { GraphQLError, type GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';

type Scalar = Pick<GraphQLScalarType, 'serialize' | 'parseValue' | 'parseLiteral'>;

export const MOMENT_RULE = 'must be an ISO 8601 moment with a zone, such as 2024-05-01T12:00:00.000Z';

const readMoment = (value: unknown): number => {
  const time = typeof value === 'string' ? parseWideInstant(value) : null;
  if (time !== null) return time;
  throw new GraphQLError(`DateTime ${MOMENT_RULE}.`);
};

export const dateTime: Scalar = {
  // Stored moments already have their one form; server stamps are milliseconds.
  serialize: (value) => (typeof value === 'number' ? formatInstant(value) : value),
  parseValue: readMoment,
  parseLiteral: (node) => readMoment(node.kind === Kind.STRING ? node.value : null),
};

/** Takes and gives whatever is there. */
export const anyValue: Scalar = {
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node: ValueNode, variables) => valueFromASTUntyped(node, variables ?? {}),
};
