/** All messages of the native protocol, by the side that sends them. */
import { access } from './access.ts';
import { behind } from './behind.ts';
import { bye } from './bye.ts';
import { changes } from './changes.ts';
import { digest } from './digest.ts';
import { digests } from './digests.ts';
import { syncError } from './error.ts';
import { hello } from './hello.ts';
import { live } from './live.ts';
import { page } from './page.ts';
import { ping, pong } from './ping.ts';
import { push } from './push.ts';
import { receipts } from './receipts.ts';
import { renew, renewed } from './renew.ts';
import { subscribe } from './subscribe.ts';
import { welcome } from './welcome.ts';

export const CLIENT_MESSAGES = { hello, push, subscribe, digest, renew, ping, pong } as const;

export const SERVER_MESSAGES = {
  welcome,
  receipts,
  page,
  live,
  changes,
  behind,
  access,
  digests,
  renewed,
  ping,
  pong,
  bye,
  error: syncError,
} as const;
