/** A message that apps send: its shape, and what is done with it. One file each; all.ts has the table. */
import type { z } from 'zod';
import type { Session } from '../socket/session.ts';

export interface MessageKind {
  readonly type: string;
  /** Names of older documents for the same message. */
  readonly alsoCalled?: readonly string[];
  readonly schema: z.ZodType;
  /** May take its time; what is thrown is a defect, or the database that is away. */
  readonly handle: (session: Session, message: never) => void | Promise<void>;
}

/** Ties the handler to the shape. */
export const messageKind = <Schema extends z.ZodType>(kind: {
  readonly type: string;
  readonly alsoCalled?: readonly string[];
  readonly schema: Schema;
  readonly handle: (session: Session, message: z.output<Schema>) => void | Promise<void>;
}): MessageKind => kind as unknown as MessageKind;
