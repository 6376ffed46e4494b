/**
 * Keys under which files are stored. All are made here: a folder, a slash, and a random name, so no key leads out of
 * its folder, none can be guessed, and none is ever used twice.
 */
import { randomUUID } from 'node:crypto';

const KEY = /^[a-z0-9][a-z0-9-]{0,63}\/[a-z0-9][a-z0-9-]{0,63}(\.[a-z0-9]{1,10})?$/;

/** `media`, `''`, `jpg` → `media/<uuid>.jpg`. */
export const newKey = (folder: string, prefix: string, extension: string): string =>
  `${folder}/${prefix}${randomUUID()}${extension === '' ? '' : `.${extension}`}`;

/** Does it have the form of the keys that are made here? What comes from outside never touches a file system before. */
export const isKey = (text: string): boolean => KEY.test(text);

/** The letters and digits after the last dot, in lower case; '' where there are none, or more than an extension has. */
export const extensionOf = (name: string): string =>
  /\.([a-z0-9]{1,10})$/.exec(name.toLowerCase())?.[1] ?? '';
