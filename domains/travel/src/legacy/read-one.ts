/** Reading one record by its id, as single operations do. */
import { normalizeUuid, type RecordState } from '@ackord/core';
import { badArgument, type GraphQLContext, refusal } from '@ackord/server';

/** The id in its stored form; what can't be one is a fault of the argument. */
export function idOf(argument: string, value: string): string {
  const id = normalizeUuid(value);
  if (id === null) throw badArgument(argument, 'must be a UUID');
  return id;
}

/** The live record, if the caller may see it. `type`: wire name. */
export async function visible(
  { reads, wire }: GraphQLContext,
  type: string,
  argument: string,
  value: string,
): Promise<RecordState | null> {
  return reads.record({ type: `${wire.name}.${type}`, id: idOf(argument, value) });
}

/** The same, where having none is an error: unknown and forbidden read alike. */
export async function existing(
  context: GraphQLContext,
  type: string,
  argument: string,
  value: string,
): Promise<RecordState> {
  const record = await visible(context, type, argument, value);
  if (!record) throw refusal('FORBIDDEN');
  return record;
}
