/** The engine's suites on PostgreSQL; on the memory store each has a test file of its own. */
import { openPostgres } from '../support/stores.ts';
import { registerAliasTests } from './aliases.ts';
import { registerBlindTests } from './blind.ts';
import { registerCascadeTests } from './cascading.ts';
import { registerCreatingTests } from './creating.ts';
import { registerFailureTests } from './failures.ts';
import { registerHiddenIdTests } from './hidden-ids.ts';
import { registerKeptPageTests } from './kept-pages.ts';
import { registerLargeCascadeTests } from './large-cascades.ts';
import { registerListTests } from './lists.ts';
import { registerMemberTests } from './members.ts';
import { registerMomentTests } from './moments.ts';
import { registerMovedConflictTests } from './moved-conflicts.ts';
import { registerMoveTests } from './moving.ts';
import { registerReceiptTests } from './receipts.ts';
import { registerRememberedTests } from './remembered.ts';
import { registerResolvingTests } from './resolving.ts';
import { registerTransactionTests } from './transactions.ts';
import { registerWaitingTests } from './waiting.ts';

for (const register of [
  registerAliasTests,
  registerBlindTests,
  registerCascadeTests,
  registerCreatingTests,
  registerFailureTests,
  registerHiddenIdTests,
  registerKeptPageTests,
  registerLargeCascadeTests,
  registerListTests,
  registerMemberTests,
  registerMomentTests,
  registerMovedConflictTests,
  registerMoveTests,
  registerReceiptTests,
  registerRememberedTests,
  registerResolvingTests,
  registerTransactionTests,
  registerWaitingTests,
])
  register('PostgreSQL', openPostgres);
