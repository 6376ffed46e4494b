/** The text of sharing: who may see and change the records under a root such as a trip. */
import { idArgument, type WireDomain, type WireType } from '../wire-type.ts';

/** Types that are the root of a scope, and so can be shared. */
export const rootsOf = (wire: WireDomain): readonly WireType[] =>
  wire.types.filter(({ entity }) => typeof entity.scope === 'object');

export const sharingQueries = (wire: WireDomain): string =>
  rootsOf(wire)
    .map(
      ({ entity }) =>
        `\n  get${entity.name}Members(${idArgument(entity)}: ID!): [${entity.name}MembershipResponse!]!`,
    )
    .join('');

export const sharingMutations = (wire: WireDomain): string =>
  rootsOf(wire)
    .map(({ entity }) => {
      const id = idArgument(entity);
      return `
  "Gives another user access; ADMIN and WRITE both mean EDITOR."
  share${entity.name}(${id}: ID!, email: String!, permission: Permission!): ${entity.name}Membership!
  "Takes access away; also the caller's own. False when there was none."
  unshare${entity.name}(${id}: ID!, userId: ID!): Boolean!
  "Makes another member the owner; the caller, who is the owner now, stays as an EDITOR."
  transfer${entity.name}(${id}: ID!, userId: ID!): ${entity.name}Membership!`;
    })
    .join('');

export function sharingSdl(wire: WireDomain): string {
  const roles = `enum ${wire.roleType} { OWNER EDITOR VIEWER }\n`;
  if (rootsOf(wire).length === 0) return roles;
  return `${roles}enum Permission { READ WRITE ADMIN }\n${rootsOf(wire)
    .map((type) => membershipSdl(type, wire))
    .join('')}`;
}

const membershipSdl = ({ entity }: WireType, { roleType }: WireDomain): string => `
type ${entity.name}Membership {
  id: ID!
  role: ${roleType}!
}

type ${entity.name}MembershipResponse {
  id: ID!
  ${idArgument(entity)}: String!
  userId: String!
  role: ${roleType}!
  "Always accepted."
  status: String!
  user: User!
  ${idArgument(entity).replace(/Id$/, '')}: ${entity.name}
  createdAt: DateTime!
}
`;
