/**
 * The kinds of field that an entity type can have. A field is a zod schema, so a domain may use any zod schema of
 * text, numbers, flags and choices; the builders here add the kinds that zod alone does not know.
 */
import { z } from 'zod';
import { LIMITS } from '../protocol/limits.ts';
import { isUuid } from '../rules/identifier.ts';
import { decimalFits, isCanonicalDecimal } from './decimal.ts';
import { formatInstant, parseInstant } from './instant.ts';

export type FieldKind =
  | 'text'
  | 'id'
  | 'ids'
  | 'instant'
  | 'integer'
  | 'number'
  | 'decimal'
  | 'flag'
  | 'choice'
  | 'json';

const kinds = z.registry<{ kind: FieldKind }>();

const tagged = <T extends z.ZodType>(schema: T, kind: FieldKind): T => {
  kinds.add(schema, { kind });
  return schema;
};

/** Text of up to `lengthMax` UTF-16 units. */
export const text = (lengthMax: number = LIMITS.textLengthMax) => tagged(z.string().max(lengthMax), 'text');

/** A short text that must not be empty, nor blank. */
export const name = (lengthMax: number = LIMITS.nameLengthMax) =>
  tagged(z.string().min(1).max(lengthMax).refine(isNotBlank, 'must not be blank'), 'text');

const isNotBlank = (value: string): boolean => value.trim() !== '';

/** A moment, kept as UTC ISO text with milliseconds, years 0001–9999. */
export const instant = () =>
  tagged(
    z.string().transform((value, context) => {
      const time = parseInstant(value);
      if (time !== null) return formatInstant(time);
      context.addIssue('must be an ISO 8601 moment with a zone, in the years 0001 to 9999');
      return z.NEVER;
    }),
    'instant',
  );

/** The id of another record, a UUID kept in lower case. */
export const uuid = () =>
  tagged(
    z
      .string()
      .refine(isUuid, 'must be a UUID')
      .transform((value) => value.toLowerCase()),
    'id',
  );

/** A set of ids of other records, without repetition, in the order given. */
export const uuids = () =>
  tagged(
    z
      .array(z.string().refine(isUuid, 'must be a UUID'))
      .max(LIMITS.listItemsMax)
      .transform((ids) => [...new Set(ids.map((id) => id.toLowerCase()))]),
    'ids',
  );

/** A whole number that fits a 32-bit column, as GraphQL's Int. */
export const integer = () => tagged(z.int32(), 'integer');

/** A finite number. */
export const number = () => tagged(z.number(), 'number');

/**
 * An exact decimal such as an amount of money, kept as canonical text (schema/decimal.ts): `digits` in all, `scale` of
 * them after the point. Who reads it from a number rounds it with `decimalOf` first.
 */
export const decimal = ({ digits, scale }: { readonly digits: number; readonly scale: number }) =>
  tagged(
    z
      .string()
      .refine(isCanonicalDecimal, 'must be a decimal number in its shortest form, such as 12.5')
      .refine(
        (value) => decimalFits(value, digits, scale),
        `must have at most ${digits - scale} digits before the point and ${scale} after it`,
      ),
    'decimal',
  );

/** Degrees north, -90 to 90. */
export const latitude = () => tagged(z.number().min(-90).max(90), 'number');

/** Degrees east, -180 to 180. */
export const longitude = () => tagged(z.number().min(-180).max(180), 'number');

export const flag = () => tagged(z.boolean(), 'flag');

/** What a field's schema says about it. */
export interface FieldFacts {
  readonly kind: FieldKind;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
  readonly defaultValue: unknown;
  /** The schema without its default, so that a field which is left out stays left out. */
  readonly schema: z.ZodType;
  /** The values of a choice. */
  readonly choices: readonly string[];
}

/** Reads kind, nullability and default off a zod schema. Throws on a schema that no field can have. */
export function factsOfField(field: string, declared: z.ZodType): FieldFacts {
  let schema: z.ZodType = declared;
  let nullable = false;
  let hasDefault = false;
  let defaultValue: unknown;
  let bare: z.ZodType = declared;
  for (;;) {
    const def = (
      schema as z.ZodType & { def: { type: string; innerType?: z.ZodType; defaultValue?: unknown } }
    ).def;
    if (def.type === 'default' && def.innerType) {
      hasDefault = true;
      defaultValue = def.defaultValue;
      schema = bare = def.innerType;
    } else if (def.type === 'nullable' && def.innerType) {
      nullable = true;
      schema = def.innerType;
    } else break;
  }
  const kind = kinds.get(schema)?.kind ?? kindOfPlain(schema);
  if (!kind) throw new Error(`Field ${field}: a zod schema of this kind cannot be a field`);
  const choices = kind === 'choice' ? (schema as z.ZodEnum).options.map(String) : [];
  return { kind, nullable, hasDefault, defaultValue, schema: bare, choices };
}

function kindOfPlain(schema: z.ZodType): FieldKind | null {
  const def = schema.def as { type: string; check?: string; format?: string };
  switch (def.type) {
    case 'string':
      return 'text';
    case 'number':
      return def.format === undefined ? 'number' : 'integer';
    case 'boolean':
      return 'flag';
    case 'enum':
      return 'choice';
    case 'object':
    case 'record':
    case 'array':
    case 'unknown':
      return 'json';
    default:
      return null;
  }
}
