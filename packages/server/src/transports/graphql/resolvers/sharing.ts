/** Sharing of a root such as a trip: who has access, giving it, taking it away. */
import { derivedUuid, isWellFormedText, normalizeUuid, type Role, roleReaches } from '@ackord/core';
import { isEmail, tidyEmail } from '../../../auth/email.ts';
import type { Member } from '../../../engine/engine.ts';
import { requireActor } from '../context.ts';
import { orRefuse, refusal } from '../errors.ts';
import { lowerFirst } from '../names.ts';
import { type Resolver, type Resolvers, whenReady } from '../resolver.ts';
import { rootsOf } from '../sdl/sharing.ts';
import { idArgument, type WireDomain, type WireType } from '../wire-type.ts';

const ROLE_OF = { READ: 'VIEWER', WRITE: 'EDITOR', ADMIN: 'EDITOR' } as const satisfies Record<string, Role>;

type Args = { readonly [argument: string]: string };

export function sharingResolvers(wire: WireDomain): Resolvers {
  const roots = rootsOf(wire);
  const named = (name: (type: string) => string, resolver: (root: Root) => Resolver<unknown, Args>) =>
    Object.fromEntries(roots.map((type) => [name(type.entity.name), resolver(rootOf(type))]));
  return {
    Query: named((type) => `get${type}Members`, members),
    Mutation: {
      ...named((type) => `share${type}`, share),
      ...named((type) => `unshare${type}`, unshare),
      ...named((type) => `transfer${type}`, transfer),
    },
    ...Object.fromEntries(
      roots.map((type) => [`${type.entity.name}MembershipResponse`, membershipFields(type)]),
    ),
  };
}

interface Root {
  /** `tripId`. */
  readonly argument: string;
  readonly scope: (args: Args) => string;
}

function rootOf(type: WireType): Root {
  const { scope } = type.entity;
  if (typeof scope !== 'object') throw new Error(`${type.entity.name} is no root`);
  const argument = idArgument(type.entity);
  return { argument, scope: (args) => `${scope.root}:${idIn(args, argument)}` };
}

function idIn(args: Args, argument: string): string {
  const id = args[argument] ?? '';
  // What can't be the id of anything gets the same answer as an unknown one.
  return normalizeUuid(id) ?? (isWellFormedText(id) ? id : '');
}

const members =
  (root: Root): Resolver<unknown, Args> =>
  async (_source, args, { caller, engine }) => {
    const result = orRefuse(
      await engine.members({ actor: requireActor({ caller }), scope: root.scope(args) }),
    );
    return result.members.map((member) => membership(root, member));
  };

const membership = ({ argument }: Root, { scope, userId, role, grantedAt }: Member) => ({
  id: membershipId(scope, userId),
  [argument]: scope.slice(scope.indexOf(':') + 1),
  userId,
  role,
  status: 'accepted',
  createdAt: grantedAt,
});

type Membership = { readonly userId: string; readonly [argument: string]: unknown };

const membershipFields = ({ entity }: WireType) => ({
  user: (({ userId }, _args, { reads }) => reads.user(userId)) satisfies Resolver<Membership>,
  [lowerFirst(entity.name)]: ((source, _args, { reads, toView }) =>
    whenReady(
      reads.record({ type: entity.key, id: String(source[idArgument(entity)]) }),
      (record) => record && toView(record),
    )) satisfies Resolver<Membership>,
});

const share =
  (root: Root): Resolver<unknown, Args> =>
  async (_source, args, context) => {
    const actor = requireActor(context);
    const scope = root.scope(args);
    const { engine, users } = context;
    // Access first: whoever may not share must not learn here which addresses have an account.
    if (!roleReaches(await context.reads.role(scope), 'EDITOR')) throw refusal('FORBIDDEN');
    const email = tidyEmail(args.email ?? '');
    const known = isEmail(email) ? await users.credentialsByEmail(email) : null;
    if (!known) throw refusal('BAD_USER_INPUT', 'No account has this e-mail.');
    const role = ROLE_OF[args.permission as keyof typeof ROLE_OF];
    const { member } = orRefuse(await engine.setMember({ actor, scope, userId: known.user.id, role }));
    return { id: membershipId(scope, known.user.id), role: member?.role ?? role };
  };

const unshare =
  (root: Root): Resolver<unknown, Args> =>
  async (_source, args, context) => {
    const actor = requireActor(context);
    const scope = root.scope(args);
    const userId = normalizeUuid(args.userId ?? '');
    const { engine } = context;
    const { members: before } = orRefuse(await engine.members({ actor, scope }));
    if (userId === null) throw refusal('BAD_USER_INPUT', 'userId must be the id of a user, a UUID.');
    if (!before.some((member) => member.userId === userId)) return false;
    orRefuse(await engine.setMember({ actor, scope, userId, role: null }));
    return true;
  };

const transfer =
  (root: Root): Resolver<unknown, Args> =>
  async (_source, args, context) => {
    const actor = requireActor(context);
    const scope = root.scope(args);
    const { engine } = context;
    if (!roleReaches(await context.reads.role(scope), 'OWNER')) throw refusal('FORBIDDEN');
    const userId = normalizeUuid(args.userId ?? '');
    if (userId === null) throw refusal('BAD_USER_INPUT', 'userId must be the id of a user, a UUID.');
    orRefuse(await engine.setMember({ actor, scope, userId, role: 'OWNER', handsOver: true }));
    return { id: membershipId(scope, userId), role: 'OWNER' };
  };

const membershipId = (scope: string, userId: string): string => derivedUuid('membership', scope, userId);
