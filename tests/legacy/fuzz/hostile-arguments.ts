/** Values for any input of a schema: mostly of the right type, never what anybody means. */
import {
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import type { Chance } from '../apps/chance.ts';

/** What a caller draws from; its own words carry the marker. */
export interface Pool {
  readonly marker: string;
  readonly ids: readonly string[];
  /** Entity type of an id, as far as it is known. */
  readonly typeOf: ReadonlyMap<string, string>;
  readonly keys: readonly string[];
  readonly users: readonly string[];
}

const TAILS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  'x\udfffy',
  '\ufeff\u202e\u200b',
  "'; drop table trip; --",
  '" or 1=1 --',
  '$1 %s $x {{7*7}} \\',
  '%',
  '_',
  '\\u0000',
  '../../../../etc/passwd',
  '..\\..\\boot.ini',
  '/etc/passwd',
  '\r\nSet-Cookie: a=b',
  '<script>alert(1)</script>',
  '{"name":',
  '__proto__',
  'constructor',
  'Ａ\u0301ﬀİıß',
  '🗼'.repeat(300),
  'x'.repeat(1_001),
];
const RARE_TAILS = ['y'.repeat(100_001), 'z'.repeat(20_000)];
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  1.5,
  90,
  181,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 31,
  2 ** 53,
  1e21,
  1e308,
  -1e308,
  5e-324,
];
const MOMENTS = [
  '2024-05-01T12:00:00.000Z',
  '2024-05-01T12:00:00Z',
  '2025-01-01T00:00:00+02:00',
  '0001-01-01T00:00:00.000Z',
  '0000-12-30T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  '2024-05-01T12:00:00.123456789Z',
];
const BAD_MOMENTS = ['2024-02-30T00:00:00Z', '99999-01-01T00:00:00Z', 'soon', '', '2024-05-01', 17, null];
const KINDS = [
  'MediaItem',
  'MediaItemThumbnail',
  'GPXTrack',
  'Trip',
  'Memory',
  'Tag',
  '__proto__',
  'mediaitem',
];
const TYPES = [
  'image/jpeg',
  'image/png',
  'application/gpx+xml',
  'text/html',
  'image',
  '',
  'a/b; c=d',
  '\u0000/x',
];
const ANYTHING: readonly unknown[] = [
  null,
  true,
  7,
  1e308,
  '',
  [],
  {},
  [[[[]]]],
  { a: { b: { c: {} } } },
  '\ud800',
  ['x'],
];

/** The longer name first: a tag category is no tag. */
const TYPE_NAMES = ['TagCategory', 'BucketListItem', 'MediaItem', 'GPXTrack', 'Memory', 'Trip', 'Tag'];
const isFor = (type: string, name: string): boolean =>
  name.toLowerCase().includes(type.toLowerCase()) || (type === 'TagCategory' && name === 'categoryId');

export class Hostile {
  readonly #chance: Chance;
  readonly #pool: Pool;
  /** In so many of a hundred places the type is wrong, which refuses the whole document. */
  readonly #wildPercent: number;
  /** Whose argument is made: `id` means different things. */
  operation = '';

  constructor(chance: Chance, pool: Pool, wildPercent: number) {
    this.#chance = chance;
    this.#pool = pool;
    this.#wildPercent = wildPercent;
  }

  /** undefined: left out. */
  value(type: GraphQLInputType, name: string): unknown {
    if (this.#chance.percent(this.#wildPercent)) return this.#one(ANYTHING);
    if (isNonNullType(type)) return this.#given(type.ofType, name);
    if (this.#chance.percent(/^(after|cursor|limit|lastSyncedAt)$/.test(name) ? 80 : 50)) return undefined;
    if (this.#chance.percent(5)) return null;
    return this.#given(type, name);
  }

  #given(type: GraphQLInputType, name: string): unknown {
    if (isNonNullType(type)) return this.#given(type.ofType, name);
    if (isListType(type)) {
      const length = this.#chance.percent(3) ? 200 : this.#chance.number(4);
      return Array.from({ length }, () => this.#given(type.ofType, name));
    }
    if (isEnumType(type)) return this.#one(type.getValues().map((value) => value.name));
    if (isInputObjectType(type)) {
      const given = Object.values(type.getFields()).flatMap((field) => {
        const value = this.value(field.type, field.name);
        if (value !== undefined) return [[field.name, value] as const];
        return isRequiredInputField(field)
          ? [[field.name, this.#given(field.type, field.name)] as const]
          : [];
      });
      return Object.fromEntries(given);
    }
    return this.#scalar(type.name, name);
  }

  #scalar(type: string, name: string): unknown {
    switch (type) {
      case 'Boolean':
        return this.#chance.percent(50);
      case 'Int':
        return this.#chance.percent(90)
          ? this.#chance.number(50)
          : this.#one(NUMBERS.filter((n) => Math.trunc(n) === n && Math.abs(n) < 2 ** 31));
      case 'Float':
        return this.#chance.percent(90) ? this.#chance.number(90) : this.#one(NUMBERS);
      case 'DateTime':
        return this.#chance.percent(97) ? this.#one(MOMENTS) : this.#one(BAD_MOMENTS);
      default:
        return this.#text(name);
    }
  }

  #text(name: string): string {
    if (/^userId$/.test(name)) return this.#one(this.#pool.users) ?? '';
    if (/^(id|ids|\w+Ids?)$/.test(name)) return this.#id(name);
    if (/objectName|objectKey/i.test(name) && this.#chance.percent(70))
      return this.#one(this.#pool.keys) ?? 'a.jpg';
    if (name === 'entityType' && this.#chance.percent(90)) return this.#one(KINDS) ?? '';
    if (/^(mimeType|contentType|mediaType)$/.test(name)) return this.#one(TYPES) ?? '';
    if (name === 'clientTimestamp') return '2024-05-01T12:00:00.000Z';
    if (name === 'email' || name === 'password') return `${this.#pool.marker}@example.org${this.#one(TAILS)}`;
    const tails = this.#chance.percent(1) ? RARE_TAILS : TAILS;
    return this.#chance.percent(85)
      ? `${this.#pool.marker} ${this.#chance.number(1e6)}`
      : `${this.#pool.marker}${this.#one(tails)}`;
  }

  #id(name: string): string {
    const { ids, typeOf } = this.#pool;
    const type = TYPE_NAMES.find((one) => isFor(one, name === 'id' ? this.operation : name));
    const fitting = this.#chance.percent(75) ? ids.filter((one) => typeOf.get(one) === type) : [];
    const id = this.#one(fitting.length > 0 ? fitting : ids) ?? '';
    const dice = this.#chance.number(100);
    if (dice < 85) return id;
    if (dice < 90) return id.toUpperCase();
    if (dice < 95) return `${id.slice(0, -1)}${this.#chance.number(10)}`;
    return (
      this.#one(['', ' ', '\u0000', '\ud800', `{${id}}`, `${id} `, '0', "' or '1'='1", 'x'.repeat(5_000)]) ??
      ''
    );
  }

  #one<T>(from: readonly T[]): T | undefined {
    return this.#chance.one(from);
  }
}
