/**
 * The kinds of values that a setting can have. Each is a zod schema from the text of an environment variable to
 * a value; what people need to know about it lies beside it in a registry, for messages and documentation.
 */
import { z } from 'zod';

export interface SettingFacts {
  readonly group: string;
  /** Sentences for people: what it is for and what follows from it. */
  readonly about: string;
  /** Completes the sentence "give …". */
  readonly allowed: string;
  /** The text that stands for it when it is not set; null: nothing. */
  readonly fallback: string | null;
  /** What is said in place of a fallback that is no plain text. */
  readonly fallbackNote: string | null;
  /** The value is never shown. */
  readonly secret: boolean;
}

export const SETTING_FACTS = z.registry<SettingFacts>();

interface Words {
  readonly group: string;
  readonly about: string;
  readonly fallback?: string;
  readonly fallbackNote?: string;
  readonly secret?: boolean;
}

interface Kind<T> {
  readonly allowed: string;
  readonly read: z.ZodType<T, string>;
}

/** A setting that always has a value. */
export function setting<T>(kind: Kind<T>, words: Words & { readonly fallback: string }): z.ZodType<T> {
  return z
    .string()
    .default(words.fallback)
    .pipe(kind.read)
    .register(SETTING_FACTS, facts(kind, words)) as z.ZodType<T>;
}

/** A setting that may be left out. */
export function optional<T>(kind: Kind<T>, words: Words): z.ZodType<T | null> {
  const read = z
    .string()
    .optional()
    .transform((text) => text ?? null)
    .pipe(z.union([z.null(), kind.read]));
  return read.register(SETTING_FACTS, facts(kind, words)) as z.ZodType<T | null>;
}

const facts = (kind: Kind<unknown>, words: Words): SettingFacts => ({
  group: words.group,
  about: words.about,
  allowed: kind.allowed,
  fallback: words.fallback ?? null,
  fallbackNote: words.fallbackNote ?? null,
  secret: words.secret ?? false,
});

export const whole = (least: number, most: number): Kind<number> => ({
  allowed: `a whole number from ${least} to ${most}`,
  read: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().int().min(least).max(most)),
});

export const oneOf = <const T extends string>(values: readonly T[]): Kind<T> => ({
  allowed: `one of ${values.join(', ')}`,
  read: z.enum(values as readonly [T, ...T[]]) as unknown as z.ZodType<T, string>,
});

export const onOff: Kind<boolean> = {
  allowed: 'on or off',
  read: z
    .enum(['on', 'off', 'true', 'false'])
    .transform((text) => text === 'on' || text === 'true') as unknown as z.ZodType<boolean, string>,
};

export const text = (allowed: string, pattern: RegExp): Kind<string> => ({
  allowed,
  read: z.string().regex(pattern),
});

export const url = (allowed: string, protocols: readonly string[]): Kind<string> => ({
  allowed,
  read: z.string().refine((given) => URL.canParse(given) && protocols.includes(new URL(given).protocol)),
});

/** Items between commas, so many at least; blanks around them don't count. */
export const list = (
  allowed: string,
  isItem: (item: string) => boolean,
  itemsMin = 0,
): Kind<readonly string[]> => ({
  allowed,
  read: z
    .string()
    .transform((given) =>
      given
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    )
    .refine((items) => items.length >= itemsMin && items.every(isItem)),
});
