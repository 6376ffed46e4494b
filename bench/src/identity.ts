/**
 * An identity provider for cases that need many people: signing in with a password costs a server a fifth of a second
 * each, on purpose. Its people get their accounts the first time that the server meets them.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface IdentityProvider {
  /** Settings of a server that believes it. */
  readonly environment: Readonly<Record<string, string>>;
  person(name: string): Person;
  stop(): Promise<void>;
}

export interface Person {
  readonly email: string;
  readonly token: string;
}

const AUDIENCE = 'ackord-bench';
const HOURS_VALID = 6;

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'EdDSA', use: 'sig' };
  const http = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [key] }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const signed = (payload: object): string => {
    const parts = [{ alg: 'EdDSA', kid: key.kid, typ: 'JWT' }, payload].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const text = parts.join('.');
    return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
  };
  return {
    environment: { AUTH_JWKS_URL: `${issuer}/keys`, AUTH_ISSUER: issuer, AUTH_AUDIENCE: AUDIENCE },
    person(name) {
      const email = `${name}@example.org`;
      const now = Math.floor(Date.now() / 1000);
      const token = signed({
        iss: issuer,
        aud: AUDIENCE,
        sub: name,
        email,
        email_verified: true,
        iat: now,
        exp: now + HOURS_VALID * 3600,
      });
      return { email, token };
    },
    stop: () => new Promise((resolve) => http.close(() => resolve())),
  };
}
