/** How a user is shown to people. Neither is ever empty: clients declare both as non-null and print them. */
import type { User } from './ports.ts';

type Named = Pick<User, 'email' | 'username' | 'firstName' | 'lastName'>;

/** Full name, else the user name, else the part of the e-mail before the @. */
export function displayName(user: Named): string {
  const full = [user.firstName, user.lastName]
    .map((part) => part?.trim() ?? '')
    .filter(Boolean)
    .join(' ');
  if (full) return full;
  // Registration sets the user name to the e-mail; the domain of an address is no part of a name.
  const [local] = (user.username.trim() || user.email.trim()).split('@');
  return local || user.email || 'User';
}

/** One or two upper-case letters. */
export function initials(user: Named): string {
  const words = displayName(user)
    .split(/[\s._-]+/u)
    .filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) =>
    firstGrapheme(word ?? ''),
  );
  return letters.join('').toLocaleUpperCase('en') || '?';
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The first character as people see it: an emoji or a letter with its accent is one. */
function firstGrapheme(word: string): string {
  for (const { segment } of graphemes.segment(word)) return segment;
  return '';
}
