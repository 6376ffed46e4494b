/** `docs/errors.md`, from the registry of error codes. */
import { ERRORS, type ErrorEntry } from '@ackord/core';

export function errorsPage(): string {
  const opening = `# Error codes

Every refusal carries one of these codes: in GraphQL as \`errors[].extensions.code\`, in the receipts of \`bulkSync\` as
\`failed[].code\`. A code keeps its meaning for ever. Retryable means that the same call may succeed later, unchanged;
\`retryAfterMs\` says when to try. Documents that are no GraphQL at all are answered with \`GRAPHQL_PARSE_FAILED\` or
\`GRAPHQL_VALIDATION_FAILED\`.

This page is generated from \`packages/core/src/protocol/errors.ts\` by \`npm run generate\`.

| code | what happened | what to do | retryable |
|---|---|---|---|`;
  const rows = Object.entries<ErrorEntry>(ERRORS).map(
    ([code, { text, remedy, retryable }]) =>
      `| \`${code}\` | ${text} | ${remedy} | ${retryable ? 'yes' : 'no'} |`,
  );
  return `${[opening, ...rows].join('\n')}\n`;
}
