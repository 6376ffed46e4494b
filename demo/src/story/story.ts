/** What all scenes share. */
import type { Cities } from '../journey/cities.ts';
import type { Random } from '../journey/random.ts';
import type { Phone } from '../phone/phone.ts';
import type { Account } from '../phone/sign-in.ts';
import type { Timeline } from '../print/timeline.ts';
import type { Ledger } from './ledger.ts';
import type { StoryClock } from './story-clock.ts';
import type { Tally } from './tally.ts';

export interface Story {
  /** The address of the GraphQL endpoint. */
  readonly url: string;
  /** Ends the story early. */
  readonly signal: AbortSignal;
  readonly timeline: Timeline;
  readonly clock: StoryClock;
  readonly random: Random;
  readonly cities: Cities;
  readonly ledger: Ledger;
  readonly tally: Tally;
  /** Two phones with one journal between them. */
  readonly anna: Phone;
  readonly ben: Phone;
  /** A friend at home, with an account of her own. */
  readonly claraAccount: Account;
}

/** Replicas and server differ: what the whole story is there to show does not hold. */
export class NotEqual extends Error {}
