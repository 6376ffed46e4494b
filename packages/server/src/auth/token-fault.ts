/**
 * Why a token was not taken. The token's own fault is one thing; that the keys to check it can't be had just now is
 * another: that caller may come again with the same token, so it must not be told to sign in anew.
 */
import { errors } from 'jose';
import { KeysUnavailable } from './issuer-keys.ts';

export type TokenFault =
  | { readonly outcome: 'refused'; readonly reason: 'malformed' | 'expired' | 'not-accepted' }
  | { readonly outcome: 'unavailable'; readonly cause: string };

export function tokenFault(error: unknown): TokenFault {
  if (error instanceof KeysUnavailable)
    return { outcome: 'unavailable', cause: 'The keys of the identity provider cannot be fetched.' };
  if (error instanceof errors.JWTExpired) return { outcome: 'refused', reason: 'expired' };
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid)
    return { outcome: 'refused', reason: 'malformed' };
  return { outcome: 'refused', reason: 'not-accepted' };
}
