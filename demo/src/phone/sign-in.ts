/** Accounts and signing in, over the same GraphQL endpoint. */
import { createConnection } from './connection.ts';
import { LOGIN, REGISTER } from './documents.ts';
import { ServerFault } from './server-fault.ts';

export interface Account {
  readonly email: string;
  readonly password: string;
}

export interface SignedIn {
  readonly userId: string;
  readonly token: string;
}

/** Throws with one sentence when the server can't be reached or refuses. */
export async function register(url: string, account: Account, signal: AbortSignal): Promise<void> {
  await asked(url, REGISTER, account, signal);
}

export async function signIn(url: string, account: Account, signal: AbortSignal): Promise<SignedIn> {
  const { login } = await asked<{ login: { token: string; user: { id: string } } }>(
    url,
    LOGIN,
    account,
    signal,
  );
  return { userId: login.user.id, token: login.token };
}

async function asked<T>(url: string, document: string, account: Account, signal: AbortSignal): Promise<T> {
  const connection = createConnection({ url, device: null, token: null, signal });
  const answer = await connection.ask<T>(document, { input: account });
  if (answer.ok) return answer.data;
  throw new ServerFault(url, answer);
}
