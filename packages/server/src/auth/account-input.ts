/** Checks what people type for an account. Answers with the sentence that says what is wrong, or null. */
import { LIMITS } from '@ackord/core';
import { isEmail, isInventedEmail, tidyEmail } from './email.ts';
import type { Credentials, UserChanges } from './ports.ts';

const BAD_EMAIL = `The e-mail must be an address such as name@example.org, of at most ${LIMITS.emailLengthMax} characters.`;

export function checkCredentials({ email, password }: Credentials): string | null {
  if (!isEmail(email) || isInventedEmail(email)) return BAD_EMAIL;
  if (!isPlainText(password)) return 'The password contains characters that cannot be stored.';
  const { passwordLengthMin, passwordLengthMax } = LIMITS;
  const fits = password.length >= passwordLengthMin && password.length <= passwordLengthMax;
  return fits ? null : `The password must have ${passwordLengthMin} to ${passwordLengthMax} characters.`;
}

export function checkProfile(changes: UserChanges): string | null {
  const { email, username, firstName, lastName } = changes;
  if (email !== undefined && (!isEmail(email) || isInventedEmail(email))) return BAD_EMAIL;
  if (username !== undefined && username.trim() === '')
    return 'The user name must have at least 1 character.';
  if (username !== undefined && !isName(username)) return nameProblem('user name');
  if (!isName(firstName ?? '')) return nameProblem('first name');
  return isName(lastName ?? '') ? null : nameProblem('last name');
}

const nameProblem = (what: string): string =>
  `The ${what} must have at most ${LIMITS.nameLengthMax} characters, none of them control characters.`;

const isName = (text: string): boolean => text.length <= LIMITS.nameLengthMax && isPlainText(text);

/** No control characters (PostgreSQL can't store NUL, people can't see the others), no half of a surrogate pair. */
export const isPlainText = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text);

/** A user who comes from elsewhere: the e-mail as it is kept, or what is wrong. */
export function checkAccount(sent: {
  readonly email: string;
  readonly username: string;
}): { readonly email: string } | { readonly problem: string } {
  const email = tidyEmail(sent.email);
  const problem = checkProfile({ email, username: sent.username });
  return problem === null ? { email } : { problem };
}
