/** The statements that run for every push, page and live session, with what to ask of a database of split-tables.ts. */
import type { SqlValue } from '../../src/store/connection.ts';
import { bigintArray, integerArray, jsonArray, textArray, timeArray } from '../../src/store/sql-arrays.ts';
import type { Statement } from '../../src/store/statement.ts';
import { pruneBookmarks } from '../../src/store/statements/bookmark/prune-bookmarks.ts';
import { readBookmarks } from '../../src/store/statements/bookmark/read-bookmarks.ts';
import { readConflicts } from '../../src/store/statements/conflict/read-conflicts.ts';
import { readConflictsById } from '../../src/store/statements/conflict/read-conflicts-by-id.ts';
import { readOpenConflicts } from '../../src/store/statements/conflict/read-open-conflicts.ts';
import { readDigests } from '../../src/store/statements/digest/read-digests.ts';
import { pruneFailures } from '../../src/store/statements/failure/prune-failures.ts';
import { readFailures } from '../../src/store/statements/failure/read-failures.ts';
import { countFeed } from '../../src/store/statements/feed/count-feed.ts';
import { readAncestors } from '../../src/store/statements/feed/read-ancestors.ts';
import { readFeed } from '../../src/store/statements/feed/read-feed.ts';
import { readLocations } from '../../src/store/statements/location/read-locations.ts';
import { readPlaces } from '../../src/store/statements/location/read-places.ts';
import { readHistory } from '../../src/store/statements/log/read-history.ts';
import { readLines } from '../../src/store/statements/log/read-lines.ts';
import { readSeqsAt } from '../../src/store/statements/log/read-seqs-at.ts';
import { readVersionsAt } from '../../src/store/statements/log/read-versions-at.ts';
import { readMembers } from '../../src/store/statements/member/read-members.ts';
import { readMemberships } from '../../src/store/statements/member/read-memberships.ts';
import { readMembershipsIn } from '../../src/store/statements/member/read-memberships-in.ts';
import { readMovedMembers } from '../../src/store/statements/member/read-moved-members.ts';
import { readCheckpoints } from '../../src/store/statements/models/checkpoints.ts';
import {
  listLogLines,
  listRefusals,
  listScopeConflicts,
} from '../../src/store/statements/models/list-models.ts';
import { readReceipts } from '../../src/store/statements/receipt/read-receipts.ts';
import { replaceReceipts } from '../../src/store/statements/receipt/replace-receipts.ts';
import { listByOwner, listByScope } from '../../src/store/statements/record/list.ts';
import { readChildren } from '../../src/store/statements/record/read-children.ts';
import { readDeletions } from '../../src/store/statements/record/read-deletions.ts';
import { readDescendants } from '../../src/store/statements/record/read-descendants.ts';
import { readRecords } from '../../src/store/statements/record/read-records.ts';
import { readUniqueHolders } from '../../src/store/statements/record/read-unique-holders.ts';
import { lockScopes, tryLockScopes } from '../../src/store/statements/scope/lock-scopes.ts';
import { readHeads } from '../../src/store/statements/scope/read-heads.ts';
import { readScopes } from '../../src/store/statements/scope/read-scopes.ts';
import { readActorsWaiting } from '../../src/store/statements/waiting/read-actors-waiting.ts';
import { readWaitingByActor } from '../../src/store/statements/waiting/read-waiting-by-actor.ts';
import { readWaitingByTarget } from '../../src/store/statements/waiting/read-waiting-by-target.ts';
import { BOOK, LIBRARY } from '../store/shelf.ts';

const scope = textArray(['library:7']);
const type = textArray([BOOK]);
const id = textArray(['b7']);
const kinds = [textArray([BOOK]), textArray([LIBRARY])];
const parts: SqlValue[] = [scope, bigintArray([0]), bigintArray([1e6]), timeArray([null]), null, 0];

export const HOT: readonly (readonly [statement: Statement, values: readonly SqlValue[]])[] = [
  [lockScopes, [scope]],
  [tryLockScopes, [scope]],
  [readHeads, [scope]],
  [readScopes, [scope]],
  [readRecords, [scope, type, id]],
  [readChildren, [scope, textArray(['l7']), BOOK]],
  [readDescendants, [scope, textArray([LIBRARY]), textArray(['l7']), ...kinds]],
  [readDeletions, [scope, textArray(['some-deletion'])]],
  [readUniqueHolders, [scope, type, textArray(['k7'])]],
  [readFeed, [...parts, 100]],
  [countFeed, [...parts, 1_000]],
  [readAncestors, [...parts, scope, type, id, ...kinds]],
  [readHistory, [scope, type, id, integerArray([0])]],
  [readSeqsAt, [scope, Date.now()]],
  [readDigests, [scope]],
  [readMembers, [scope, null]],
  [readConflicts, [scope, null, 'ann', null, false, 20]],
  [readConflictsById, [scope, id]],
  [readOpenConflicts, [scope, type, id]],
  [readReceipts, [textArray(['u7']), textArray(['c7'])]],
  [readLocations, [type, id]],
  [readPlaces, [textArray(['u7']), type, id]],
  [readMemberships, [textArray(['u7'])]],
  [readWaitingByTarget, [textArray(['u7']), type, id]],
  [readWaitingByActor, ['u7']],
  [readActorsWaiting, [textArray(['u7'])]],
  [readBookmarks, [textArray(['u7']), textArray(['some-key'])]],
  [pruneBookmarks, [textArray(['u7']), 10]],
  [readFailures, ['u7', 'phone']],
  [pruneFailures, ['u7', 10]],
  [replaceReceipts, [textArray(['u7']), textArray(['c7']), scope, jsonArray([{}])]],
  // Of the live path, and of pages for sessions.
  [readLines, [scope, bigintArray([0]), bigintArray([1e6]), 100]],
  [readVersionsAt, [scope, type, id, bigintArray([1e6])]],
  [readMembershipsIn, [textArray(['u7']), scope]],
  [readMovedMembers, [textArray(['u7']), new Date().toISOString()]],
  [listByScope, [scope, textArray([null]), BOOK, null, null, null, null, 100]],
  [listByOwner, [scope, textArray(['l7']), BOOK, null, null, null, null, 100]],
  [listLogLines, ['library:7', null, null, null, null, 100]],
  [listRefusals, ['library:7', null, null, null, null, 100]],
  [listScopeConflicts, ['library:7', null, null, null, null, null, 100, null]],
  [readCheckpoints, ['library:7', 100, null]],
];
