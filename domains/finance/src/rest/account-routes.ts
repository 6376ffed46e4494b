/** Registering and signing in. */
import { answerJson, type RestRoute, restRoute } from '@ackord/server';
import { z } from 'zod';
import type { FinanceTools } from '../tools.ts';
import { nameText, refusedAccount } from './calls.ts';
import { SIGNED_IN, USER, userJson } from './wire.ts';

const TAG = 'Accounts';
const EVERYBODY = { token: 'none', note: 'everybody; attempts are limited.' } as const;

export function accountRoutes({ accounts }: Pick<FinanceTools, 'accounts'>): RestRoute[] {
  return [
    restRoute({
      method: 'POST',
      path: '/register',
      tag: TAG,
      summary: 'Makes a user',
      access: EVERYBODY,
      body: z.object({ name: nameText, email: z.string(), password: z.string() }),
      answers: {
        201: { description: 'The user is made.', schema: USER },
        400: { description: 'The name or the e-mail is taken, or a value is not allowed.' },
      },
      async handle({ body, address }) {
        const { name: username, email, password } = body;
        const made = await accounts.register({ username, email, password }, { address });
        return made.ok ? answerJson(userJson(made.user), 201) : refusedAccount(made);
      },
    }),
    restRoute({
      method: 'POST',
      path: '/login',
      tag: TAG,
      summary: 'Signs in with a user name or an e-mail',
      description:
        'Answers alike, after the same time, for a name that nobody has and for a wrong password. A user whose hash came from an app signs in with the password that the app has hashed.',
      access: EVERYBODY,
      body: z.object({ username_or_email: z.string(), password: z.string() }),
      answers: {
        200: { description: 'Signed in.', schema: SIGNED_IN },
        401: { description: 'Name or password is wrong.' },
      },
      async handle({ body, address }) {
        const sent = { email: body.username_or_email, password: body.password, orUsername: true };
        const result = await accounts.login(sent, { address });
        if (!result.ok) return refusedAccount(result, 401);
        return answerJson({ ...userJson(result.user), accessToken: result.token });
      },
    }),
  ];
}
