/**
 * Sees everything: which changes were made, what every user was given and when, who had access to what. Keeps a count
 * of moments of its own, since all clocks in a run may be wrong.
 */
import type { OutboxChange } from './outbox-change.ts';
import type { TypeName } from './steps.ts';
import { marksIn } from './values.ts';

/** Something with texts of another user in it that a user was given. */
export interface Given {
  readonly to: string;
  readonly what: string;
  readonly marks: readonly { readonly user: string; readonly record: string }[];
  readonly since: number;
  readonly until: number;
}

/** A person's decision on a conflict, as it was seen and as it was answered. */
export interface Resolution {
  readonly conflictId: string;
  readonly by: string;
}

export class Observer {
  readonly changes: OutboxChange[] = [];
  readonly given: Given[] = [];
  readonly resolutions: Resolution[] = [];
  readonly defects: string[] = [];
  /** How often the statement of a change was made to fail, by change id. */
  readonly poisonings = new Map<string, number>();
  /** Records that were made, by type, in order. */
  readonly made = new Map<TypeName, string[]>();
  /** When a user had access to a scope, by moments; `until: null`: still has. */
  readonly #access: {
    readonly scope: string;
    readonly user: string;
    readonly since: number;
    until: number | null;
  }[] = [];
  #moment = 0;

  moment(): number {
    return ++this.#moment;
  }

  noteChange(change: OutboxChange): void {
    this.changes.push(change);
    if (change.operation !== 'CREATE') return;
    this.made.set(change.typeName, [...(this.made.get(change.typeName) ?? []), change.id]);
    if (change.typeName === 'Trip') this.opened(`trip:${change.id}`, change.actor);
  }

  noteGiven(to: string, what: string, given: unknown, since: number): void {
    const marks = marksIn(given).filter(({ user }) => user !== to);
    if (marks.length > 0) this.given.push({ to, what, marks, since, until: this.moment() });
  }

  opened(scope: string, user: string): void {
    this.#access.push({ scope, user, since: this.moment(), until: null });
  }

  closed(scope: string, user: string): void {
    for (const access of this.#access)
      if (access.scope === scope && access.user === user) access.until ??= this.moment();
  }

  /** Could the user see the scope at any moment of the span? */
  hadAccess(user: string, scope: string, since: number, until: number): boolean {
    if (scope === `user:${user}`) return true;
    return this.#access.some(
      (access) =>
        access.scope === scope &&
        access.user === user &&
        access.since <= until &&
        (access.until === null || access.until >= since),
    );
  }
}
