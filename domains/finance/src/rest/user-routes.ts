/** Users: who they are, and what apps keep of them. In the open mode everybody shows; with a token, people one knows. */
import { errorText, LIMITS } from '@ackord/core';
import { answerJson, isBcrypt, type RestRoute, refuse, restRoute } from '@ackord/server';
import { z } from 'zod';
import type { FinanceTools } from '../tools.ts';
import { callerIn, nameText, refusedAccount, USER_PARAMS, userIdText } from './calls.ts';
import { importUser } from './import-user.ts';
import { knownUsers, mayAct, mayEveryone } from './known-users.ts';
import { USER, userJson } from './wire.ts';

const TAG = 'Users';
const access = {
  token: 'optional',
  note: 'the user itself, and whoever shares a tenant with it may read; in the open mode everybody.',
} as const;
const MISSING = refuse({ status: 404, code: 'NOT_FOUND', detail: 'No user whom you know has this id.' });

export const userRoutes = (tools: FinanceTools): RestRoute[] => [
  listUsers(tools),
  upsertUser(tools),
  readUser(tools),
  updateUser(tools),
];

const listUsers = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: '/users',
    tag: TAG,
    summary: 'Lists users',
    access,
    query: z.object({
      skip: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(LIMITS.listItemsMax).default(100),
    }),
    answers: { 200: { description: 'Oldest first.', schema: z.array(USER) } },
    async handle(call) {
      const caller = callerIn(tools, call);
      if (caller.kind === 'refused') return refuse(caller.refusal);
      const { skip, limit } = call.query;
      const users =
        caller.kind === 'open'
          ? await tools.users.listUsers({ skip, limit })
          : (await knownUsers(tools, caller.actor)).slice(skip, skip + limit);
      return answerJson(users.map(userJson));
    },
  });

const upsertUser = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'POST',
    path: '/users',
    tag: TAG,
    summary: 'Makes a user of the app known here, or updates it',
    description:
      'The hash is stored for a new user only; one that is there is never replaced. A name that somebody else has gets an ending.',
    access: { token: 'optional', note: 'the user itself; in the open mode everybody.' },
    body: z.object({
      uuid: userIdText,
      name: nameText,
      email: z.string(),
      hashed_password: z.string().refine(isBcrypt, 'must be a hash of bcrypt, of a cost up to 14').nullish(),
    }),
    answers: {
      200: { description: 'The user as it is now.', schema: USER },
      400: { description: 'The e-mail is taken.' },
    },
    async handle(call) {
      const { uuid, name, email, hashed_password: hash = null } = call.body;
      const caller = callerIn(tools, call);
      if (caller.kind === 'refused') return refuse(caller.refusal);
      if (!mayAct(caller, uuid)) return MISSING;
      const made = await importUser(tools, { id: uuid, username: name, email, passwordHash: hash });
      switch (made.outcome) {
        case 'created':
          return answerJson(userJson(made.user));
        case 'refused':
          return {
            status: 400,
            body: { detail: errorText('BAD_USER_INPUT', made.problem), code: 'BAD_USER_INPUT' },
          };
        case 'known':
          return update(tools, uuid, { username: name, email });
      }
    },
  });

const readUser = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: '/users/{user_id}',
    tag: TAG,
    summary: 'Reads a user',
    access,
    params: USER_PARAMS,
    answers: {
      200: { description: 'The user.', schema: USER },
      404: { description: 'Nobody whom you know.' },
    },
    async handle(call) {
      const caller = callerIn(tools, call);
      if (caller.kind === 'refused') return refuse(caller.refusal);
      const { user_id } = call.params;
      const found = mayEveryone(caller)
        ? await tools.users.usersById([user_id])
        : (await knownUsers(tools, caller.actor)).filter(({ id }) => id === user_id);
      return found[0] ? answerJson(userJson(found[0])) : MISSING;
    },
  });

const updateUser = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'PUT',
    path: '/users/{user_id}',
    tag: TAG,
    summary: 'Changes name and e-mail',
    access: { token: 'optional', note: 'the user itself; in the open mode everybody.' },
    params: USER_PARAMS,
    body: z.object({ name: nameText.optional(), email: z.string().optional() }),
    answers: {
      200: { description: 'The user as it is now.', schema: USER },
      400: { description: 'Name or e-mail is taken or not allowed.' },
      404: { description: 'Nobody whom you may change.' },
    },
    async handle(call) {
      const caller = callerIn(tools, call);
      if (caller.kind === 'refused') return refuse(caller.refusal);
      if (!mayAct(caller, call.params.user_id)) return MISSING;
      const { name, email } = call.body;
      const changes = {
        ...(name !== undefined && { username: name }),
        ...(email !== undefined && { email }),
      };
      return update(tools, call.params.user_id, changes);
    },
  });

async function update(
  { accounts }: FinanceTools,
  userId: string,
  changes: { readonly username?: string; readonly email?: string },
) {
  const updated = await accounts.update({ userId }, changes);
  if (updated.ok) return answerJson(userJson(updated.user));
  // Accounts know their own user only, so that this is all it can mean.
  return updated.code === 'UNAUTHENTICATED' ? MISSING : refusedAccount(updated);
}
