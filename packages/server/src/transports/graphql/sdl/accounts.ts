/** The text of accounts: who calls, and how a person becomes a caller. */
export const ACCOUNT_QUERIES = `
  "For health checks."
  hello: String!
  "null for anonymous callers."
  getCurrentUser: User`;

export const ACCOUNT_MUTATIONS = `
  "Makes an account. It gives no token: sign in next, with the same input."
  register(input: UserInput!): User!
  login(input: UserInput!): AuthResponse!
  updateUser(input: UpdateUserInput!): User!`;

export const ACCOUNT_TYPES = `
input UserInput {
  email: String!
  password: String!
}

input UpdateUserInput {
  username: String
  email: String
  firstName: String
  lastName: String
}

type AuthResponse {
  "Send it as \`Authorization: Bearer <token>\`."
  token: String!
  user: User!
}

type User {
  id: ID!
  email: String!
  username: String!
  firstName: String
  lastName: String
  profileImageUrl: String
  isActive: Boolean!
  isEmailVerified: Boolean!
  lastLoginAt: DateTime
  roles: [String!]!
  createdAt: DateTime!
  updatedAt: DateTime!
  displayName: String!
  initials: String!
  "Seen in the last half hour."
  isOnline: Boolean!
}
`;
