/** Accounts: register, sign in, and who am I. */
import { displayName, initials } from '../../../auth/display-name.ts';
import type { Credentials, User, UserChanges } from '../../../auth/ports.ts';
import { requireActor } from '../context.ts';
import { orRefuse, refusal } from '../errors.ts';
import type { Resolver, Resolvers } from '../resolver.ts';

const ONLINE_MS = 30 * 60_000;

const register: Resolver<unknown, { input: Credentials }> = async (
  _source,
  { input },
  { accounts, address },
) => orRefuse(await accounts.register(input, { address })).user;

const login: Resolver<unknown, { input: Credentials }> = async (_source, { input }, { accounts, address }) =>
  orRefuse(await accounts.login(input, { address }));

type ProfileInput = { readonly [field in keyof UserChanges]: string | null };

const updateUser: Resolver<unknown, { input: ProfileInput }> = async (_source, { input }, context) => {
  const { email, username, ...names } = input;
  const actor = requireActor(context);
  if (email === null || username === null)
    throw refusal('BAD_USER_INPUT', 'email and username cannot be cleared.');
  const changes = {
    ...names,
    ...(email !== undefined && { email }),
    ...(username !== undefined && { username }),
  };
  return orRefuse(await context.accounts.update(actor, changes)).user;
};

const getCurrentUser: Resolver = (_source, _args, context) =>
  context.caller.outcome === 'anonymous' ? null : context.accounts.current(requireActor(context));

export const accountResolvers: Resolvers = {
  Query: { hello: () => 'Hello from Ackord.', getCurrentUser },
  Mutation: { register, login, updateUser },
  User: {
    displayName: ((user) => displayName(user)) satisfies Resolver<User>,
    initials: ((user) => initials(user)) satisfies Resolver<User>,
    isOnline: (({ lastLoginAt }) =>
      lastLoginAt !== null && Date.now() - lastLoginAt < ONLINE_MS) satisfies Resolver<User>,
  },
};
