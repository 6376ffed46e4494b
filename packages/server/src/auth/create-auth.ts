/** Puts the parts of signing in together, for one server: who calls, accounts, and tokens. */
import type { Config } from '../config.ts';
import type { Metrics } from '../observe/metrics.ts';
import { createAccounts } from './accounts.ts';
import { createAuthenticate } from './actor.ts';
import { developmentSecret } from './development-secret.ts';
import { createPasswords } from './passwords.ts';
import type { Accounts, Authenticate, UserStore } from './ports.ts';
import { rememberTokens } from './remembered-tokens.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { createUserCache } from './user-cache.ts';

export interface Auth {
  readonly authenticate: Authenticate;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
}

export async function createAuth(parts: {
  readonly config: Pick<Config, 'auth' | 'dataFolder'>;
  readonly users: UserStore;
  readonly metrics: Pick<Metrics, 'login' | 'rateLimited'>;
}): Promise<Auth> {
  const { config, users, metrics } = parts;
  const tokens = rememberTokens(await tokensOf(config));
  const cache = createUserCache(users);
  const accounts = createAccounts({
    users,
    cache,
    tokens,
    passwords: createPasswords(),
    limits: {
      loginsPerMinuteMax: config.auth.loginAttemptsPerMinuteMax,
      registrationsPerMinuteMax: config.auth.registrationsPerMinuteMax,
    },
    onLogin: (outcome, milliseconds) => {
      metrics.login(outcome, milliseconds);
      if (outcome === 'limited') metrics.rateLimited('login');
    },
  });
  return { tokens, accounts, authenticate: createAuthenticate({ tokens, users, cache }) };
}

/** The tokens that a server with this configuration accepts. Makes the secret, where none is configured. */
export async function tokensOf({ auth, dataFolder }: Pick<Config, 'auth' | 'dataFolder'>): Promise<Tokens> {
  const secret = auth.jwtSecret ?? (await developmentSecret(dataFolder));
  return createTokens({ secret, external: auth.external });
}
