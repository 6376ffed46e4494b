/**
 * Access tokens. Ours are JWTs with HS256 and the payload `{ userId }`, valid for seven days; those of an identity
 * provider are checked with its published keys (JWKS).
 *
 * The algorithm in a token's header is a claim of the sender, so it only chooses between two closed doors: HS256 is
 * checked with our secret and never with a public key, the public-key algorithms are checked with the JWKS and never
 * with our secret, everything else (`none` included) is refused unread.
 */
import { createSecretKey, randomUUID } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import { decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { createIssuerKeys, type ExternalSettings } from './issuer-keys.ts';
import { type TokenFault, tokenFault } from './token-fault.ts';

export type VerifiedToken =
  | { readonly outcome: 'internal'; readonly userId: string; readonly expiresAt: number }
  | {
      readonly outcome: 'external';
      readonly issuer: string;
      readonly subject: string;
      /** Only when the provider says that it has verified it. */
      readonly email: string | null;
      readonly expiresAt: number;
    }
  | TokenFault;

export interface Tokens {
  issue(userId: string): Promise<{ readonly token: string; readonly expiresAt: number }>;
  verify(token: string): Promise<VerifiedToken>;
}

const PUBLIC_KEY_ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'Ed25519'];
const IDENTITY_LENGTH_MAX = 512;
const refused: TokenFault = { outcome: 'refused', reason: 'not-accepted' };

export function createTokens(settings: {
  readonly secret: string;
  readonly external: ExternalSettings | null;
  /** Seconds. */
  readonly lifeSeconds?: number;
}): Tokens {
  // A key object: bytes would be turned into a key again for every token.
  const secret = createSecretKey(Buffer.from(settings.secret, 'utf8'));
  const lifeSeconds = settings.lifeSeconds ?? LIMITS.tokenLifeSeconds;
  const external = settings.external
    ? { ...settings.external, keys: createIssuerKeys(settings.external) }
    : null;
  const options = { clockTolerance: LIMITS.tokenClockToleranceSeconds };

  const verifyInternal = async (token: string): Promise<VerifiedToken> => {
    const { payload } = await jwtVerify(token, secret, {
      ...options,
      algorithms: ['HS256'],
      requiredClaims: ['exp', 'iat'],
    });
    const { userId, iss, sub, exp } = payload;
    // Whoever names an issuer is not us; a service that shares the secret by mistake must not sign in here.
    const ours =
      typeof userId === 'string' && userId !== '' && iss === undefined && (sub ?? userId) === userId;
    return ours ? { outcome: 'internal', userId, expiresAt: (exp ?? 0) * 1000 } : refused;
  };

  const verifyExternal = async (token: string): Promise<VerifiedToken> => {
    if (!external) return refused;
    const { payload } = await jwtVerify(token, external.keys, {
      ...options,
      algorithms: PUBLIC_KEY_ALGORITHMS,
      issuer: external.issuer,
      audience: external.audience,
      requiredClaims: ['exp', 'iss', 'sub', 'aud'],
    });
    const { sub, exp } = payload;
    if (!isIdentity(sub)) return refused;
    const expiresAt = (exp ?? 0) * 1000;
    return {
      outcome: 'external',
      issuer: external.issuer,
      subject: sub,
      email: verifiedEmail(payload),
      expiresAt,
    };
  };

  return {
    async issue(userId) {
      const issuedAt = Math.floor(Date.now() / 1000);
      const expiresAt = issuedAt + lifeSeconds;
      const token = await new SignJWT({ userId })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .setSubject(userId)
        // Two sign-ins of one second are two sessions.
        .setJti(randomUUID())
        .sign(secret);
      return { token, expiresAt: expiresAt * 1000 };
    },
    async verify(token) {
      const algorithm = algorithmOf(token);
      try {
        if (algorithm === 'HS256') return await verifyInternal(token);
        return PUBLIC_KEY_ALGORITHMS.includes(algorithm) ? await verifyExternal(token) : refused;
      } catch (error) {
        return tokenFault(error);
      }
    },
  };
}

function algorithmOf(token: string): string {
  try {
    return decodeProtectedHeader(token).alg ?? '';
  } catch {
    return '';
  }
}

/** Fits a text column: no NUL, no lone surrogate, not without end. */
const isIdentity = (subject: unknown): subject is string =>
  typeof subject === 'string' &&
  subject !== '' &&
  subject.length <= IDENTITY_LENGTH_MAX &&
  subject.isWellFormed() &&
  !subject.includes('\0');

const verifiedEmail = ({ email, email_verified }: JWTPayload): string | null =>
  email_verified === true && typeof email === 'string' ? email : null;
