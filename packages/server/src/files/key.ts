/**
 * Keys under which files are stored. All are made here: a folder, a slash, and a random name, so no key leads out of
 * its folder, none can be guessed, and none is ever used twice.
 */
import { randomUUID } from 'node:crypto';

/** Wider than what is made here: other servers made keys of this form too, and their files may have been moved in. */
const KEY = /^[a-z0-9][a-z0-9-]{0,63}\/[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}(\.[a-zA-Z0-9]{1,10})?$/;

/** `media`, `''`, `jpg` → `media/<uuid>.jpg`. */
export const newKey = (folder: string, prefix: string, extension: string): string =>
  `${folder}/${prefix}${randomUUID()}${extension === '' ? '' : `.${extension}`}`;

/** Is it one that a store takes? What comes from outside never touches a file system before. */
export const isKey = (text: string): boolean => KEY.test(text);

/** The letters and digits after the last dot, in lower case; '' where there are none, or more than an extension has. */
export const extensionOf = (name: string): string =>
  /\.([a-z0-9]{1,10})$/.exec(name.toLowerCase())?.[1] ?? '';
