/** The text of the subscriptions: what a client is told as it happens. */
export const SUBSCRIPTIONS = `
"Over WebSocket at the address of this API, by the subprotocol graphql-transport-ws."
type Subscription {
  """
  Pages as enhancedSync gives them: first what has happened since \`cursor\`, with \`hasMore\` until there is nothing left,
  then one whenever something is committed. Keep \`nextCursor\` with each; a new subscription goes on from it, and so does
  enhancedSync with the same \`entityTypes\`. Records of scopes that the caller gains come whole; of those that it loses
  the ids are in \`deleted\`, the scope is in \`droppedScopes\`, and nothing else comes.

  In pages of what has just been committed, \`consistent\` says that nothing else was known to wait; \`conflicts\` is empty;
  \`serverTimestamp\` is that of the last page that was read, so a client that goes on from it gets some things twice.
  """
  changes(
    "Names of types, in the singular. Left out or empty: all. The filter is part of the cursor."
    entityTypes: [String!]
    "Left out: everything comes first."
    cursor: String
    "Only this scope, named as in \`roles\`. The cursor stays where it was for all other scopes. When the caller loses the scope, the subscription completes."
    scope: ID
    "Rows of a page at most, tombstones included."
    batchSize: Int
  ): EnhancedSyncResponse!
  "First what getConflicts gives, then those of the caller's conflicts that are new, were decided, or moved on. One may come twice."
  conflicts(entityType: String, limit: Int = 20): [ConflictResult!]!
}
`;
