/** A part of the older API: what it adds to the schema, and what answers it. Parts are put together by name. */
import type { Resolvers } from '@ackord/server';

export interface Operations {
  readonly sdl: string;
  readonly resolvers: Resolvers;
}

export function joinOperations(parts: readonly Operations[]): Operations {
  const resolvers: Record<string, Record<string, unknown>> = {};
  for (const part of parts) {
    for (const [type, fields] of Object.entries(part.resolvers)) {
      const known = resolvers[type] ?? {};
      const twice = Object.keys(fields).find((field) => field in known);
      if (twice !== undefined) throw new Error(`${type}.${twice} has two resolvers`);
      resolvers[type] = { ...known, ...fields };
    }
  }
  return { sdl: parts.map(({ sdl }) => sdl).join(''), resolvers: resolvers as Resolvers };
}
