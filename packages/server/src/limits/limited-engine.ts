/**
 * An engine that takes no more from one user, and from one tenant, than their share: whoever sends more is told, change
 * by change, when to come again, and nobody else notices. What the server does by itself is not counted.
 */
import { LIMITS } from '@ackord/core';
import type { Engine } from '../engine/engine.ts';
import type { Submission } from '../engine/submission.ts';
import { comeAgain } from './come-again.ts';
import { createTokenBuckets } from './token-buckets.ts';

export interface ChangeLimits {
  readonly changesPerMinuteMax: number;
  readonly tenantChangesPerMinuteMax: number;
  readonly onLimited: () => void;
  /** Milliseconds of any monotonic clock. */
  readonly clock?: () => number;
}

export function limitChanges(engine: Engine, limits: ChangeLimits): Engine {
  const { changesPerMinuteMax, tenantChangesPerMinuteMax, onLimited, ...more } = limits;
  const keysMax = LIMITS.trackedCallersMax;
  const ofUsers = createTokenBuckets({ perMinuteMax: changesPerMinuteMax, keysMax, ...more });
  const ofTenants = createTokenBuckets({ perMinuteMax: tenantChangesPerMinuteMax, keysMax, ...more });

  /** Milliseconds until its sender may come again; 0: it is let in. */
  const waitOf = ({ actor, tenant, changes }: Submission): number => {
    const ofUser = ofUsers.takeMany(changes.length, actor.userId);
    if (!ofUser.ok) return ofUser.retryAfterMs;
    const ofTenant = tenant === undefined ? GO_ON : ofTenants.takeMany(changes.length, tenant);
    return ofTenant.ok ? 0 : ofTenant.retryAfterMs;
  };

  return {
    ...engine,
    async submit(submission) {
      const { origin, changes } = submission;
      const isFromOutside = origin === 'client' || origin === 'legacy';
      const wait = isFromOutside && changes.length > 0 ? waitOf(submission) : 0;
      if (wait === 0) return engine.submit(submission);
      onLimited();
      return comeAgain(changes, 'RATE_LIMITED', wait);
    },
  };
}

const GO_ON = { ok: true } as const;
