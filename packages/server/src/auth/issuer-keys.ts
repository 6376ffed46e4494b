/**
 * The public keys of an identity provider, fetched when first needed and again when a token names a key that is not
 * among them (a rotated key), at most once per cooldown: tokens with made-up key ids must not make us hammer the provider.
 */
import { LIMITS } from '@ackord/core';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';

export interface ExternalSettings {
  readonly jwksUrl: string;
  /** Exactly what tokens carry as `iss`. */
  readonly issuer: string;
  readonly audience: string;
  /** Milliseconds between two fetches for unknown keys. */
  readonly cooldownMs?: number;
}

/** The keys can't be had just now; says nothing about the token. */
export class KeysUnavailable extends Error {}

export function createIssuerKeys({ jwksUrl, cooldownMs }: ExternalSettings): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(jwksUrl), {
    cacheMaxAge: LIMITS.jwksCacheMs,
    cooldownDuration: cooldownMs ?? LIMITS.jwksCooldownMs,
    timeoutDuration: LIMITS.jwksFetchMsMax,
  });
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      // These three are about the token: the keys are there, but none of them is its own.
      const aboutToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      throw aboutToken ? error : new KeysUnavailable('Fetching the keys failed', { cause: error });
    }
  };
}
