/**
 * What counts as an e-mail address here: something before an @, a host name after it, no blanks or control characters.
 * Whether it exists is only known by sending to it, so the check stays coarse.
 */
import { LIMITS } from '@ackord/core';

const EMAIL = /^[^\s@\p{C}"(),:;<>[\\\]]+@[^\s@\p{C}.]+(\.[^\s@\p{C}.]+)*$/u;

/**
 * An address as it is kept and looked for: without blanks around it, and a letter with its accent as one character,
 * however the keyboard put them together. Case is kept, but never tells two addresses apart.
 */
export const tidyEmail = (text: string): string => text.trim().normalize('NFC');

export const isEmail = (text: string): boolean =>
  text.length <= LIMITS.emailLengthMax && text.isWellFormed() && EMAIL.test(text);

/** Addresses invented for external users end in this; nobody may register one. */
export const isInventedEmail = (email: string): boolean => email.toLowerCase().endsWith('@users.invalid');
