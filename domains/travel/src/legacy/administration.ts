/**
 * Operations that once let anybody list accounts, set passwords and make administrators. Their fields stay, so that
 * documents that name them are valid; nobody is answered by them any more.
 */
import { type Resolver, refusal, requireActor } from '@ackord/server';
import type { Operations } from './operations.ts';

const sdl = `
extend type Query {
  "Refused to everybody: accounts are the operator's to look at."
  listUsers: AdminResponse!
}

extend type Mutation {
  "Refused to everybody: passwords are set by the operator's command line."
  resetUserPassword(email: String!, newPassword: String!): AdminResponse!
  "Refused to everybody."
  ensureAdminUser(email: String!, password: String!): AdminResponse!
}

type AdminResponse {
  success: Boolean!
  message: String!
  users: [AdminUser!]
}

type AdminUser {
  id: ID!
  email: String!
  passwordHash: String!
  createdAt: DateTime!
}
`;

const refused: Resolver = (_source, _args, context) => {
  requireActor(context);
  throw refusal('FORBIDDEN', 'Accounts are not administered over this API.');
};

export const administrationOperations: Operations = {
  sdl,
  resolvers: {
    Query: { listUsers: refused },
    Mutation: { resetUserPassword: refused, ensureAdminUser: refused },
  },
};
