/** Is a phone's replica the same as what the server has? By digest, scope by scope and type by type. */
import { type Digest, emptyDigest, equalDigests, formatDigest, parseDigest } from '@ackord/core';
import { DIGESTS } from './documents.ts';
import type { Phone } from './phone.ts';
import type { ScopeTypeDigest } from './replica.ts';
import { ServerFault } from './server-fault.ts';

export interface Difference {
  readonly scope: string;
  readonly entityType: string;
  /** As texts: `count:` and 32 hex digits. */
  readonly phone: string;
  readonly server: string;
}

/** Of all scopes that the phone's user can read. Throws ServerFault when the server does not answer. */
export async function askDigests(phone: Phone): Promise<readonly ScopeTypeDigest[]> {
  const answer = await phone.connection.ask<{
    syncDigests: readonly { scope: string; entityType: string; digest: string }[];
  }>(DIGESTS);
  if (!answer.ok) throw new ServerFault('syncDigests', answer);
  return answer.data.syncDigests.map(({ scope, entityType, digest: text }) => {
    const digest = parseDigest(text);
    if (!digest) throw new Error(`syncDigests: ${text} is no digest`);
    return { scope, entityType, digest };
  });
}

/** Empty: they are equal. A scope or a type without records is as good as none. */
export function differences(
  ofPhone: readonly ScopeTypeDigest[],
  ofServer: readonly ScopeTypeDigest[],
): Difference[] {
  const [phone, server] = [byKey(ofPhone), byKey(ofServer)];
  return [...new Set([...phone.keys(), ...server.keys()])].flatMap((key) => {
    const [mine, theirs] = [phone.get(key), server.get(key)];
    const known = mine ?? theirs;
    if (!known || equalDigests(digestOf(mine), digestOf(theirs))) return [];
    const { scope, entityType } = known;
    return [
      { scope, entityType, phone: formatDigest(digestOf(mine)), server: formatDigest(digestOf(theirs)) },
    ];
  });
}

const digestOf = (one: ScopeTypeDigest | undefined): Digest => one?.digest ?? emptyDigest;

const byKey = (digests: readonly ScopeTypeDigest[]): ReadonlyMap<string, ScopeTypeDigest> =>
  new Map(digests.map((one) => [`${one.scope} ${one.entityType}`, one]));
