/**
 * JSON schemas of zod schemas, for one document: those with an id stand once, under `#/components/schemas`, and are
 * referred to from everywhere else.
 */
import { z } from 'zod';
import type { JsonObject } from './open-api-types.ts';

export interface Components {
  /** As it stands where it is used: a reference, if the schema has an id. `input`: what is sent; `output`: what is answered. */
  schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject;
  /** All that have been referred to, by name. */
  schemas(): { readonly [name: string]: JsonObject };
}

export function createComponents(): Components {
  const named = new Map<string, JsonObject>();
  return {
    schemaOf(schema, io) {
      // Below a root of our own, so that a schema with an id is one of its definitions.
      const root = z.toJSONSchema(z.object({ root: schema }), {
        io,
        unrepresentable: 'any',
        override: ({ jsonSchema }) => {
          // Answers may gain members: whoever reads them must not refuse those that it does not know.
          if (io === 'output' && jsonSchema.additionalProperties === false)
            delete jsonSchema.additionalProperties;
          // The largest whole number of JavaScript says nothing about the API.
          if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
          if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        },
      });
      const { properties = {}, $defs = {} } = relocated(root) as {
        properties?: { root?: JsonObject };
        $defs?: { [name: string]: JsonObject };
      };
      for (const [name, definition] of Object.entries($defs)) keep(named, name, definition);
      return properties.root ?? {};
    },
    schemas: () => Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function keep(named: Map<string, JsonObject>, name: string, definition: JsonObject): void {
  const known = named.get(name);
  if (known && JSON.stringify(known) !== JSON.stringify(definition))
    throw new Error(
      `Two different schemas have the id ${name}; defaults make what is sent differ from what is answered`,
    );
  named.set(name, definition);
}

/** References as they read in the whole document. */
const relocated = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
