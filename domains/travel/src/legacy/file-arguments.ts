/** Arguments of the file operations: what is wrong with one is said with its name. */
import { LIMITS } from '@ackord/core';
import { acceptedType, badArgument, nameProblem, TYPE_RULE } from '@ackord/server';
import type { FileSlot } from './file-slots.ts';

export function secondsOf(expiresIn: number | null | undefined): number {
  const { fileUrlSecondsDefault, fileUrlSecondsMax } = LIMITS;
  const seconds = expiresIn ?? fileUrlSecondsDefault;
  if (seconds >= 1 && seconds <= fileUrlSecondsMax) return seconds;
  throw badArgument('expiresIn', `must be from 1 to ${fileUrlSecondsMax} seconds`);
}

export function checkedName(argument: string, name: string): string {
  const problem = nameProblem(name);
  if (problem !== null) throw badArgument(argument, problem);
  return name;
}

/** In the form in which it is signed. */
export function checkedType(argument: string, type: string, slot?: FileSlot): string {
  const accepted = acceptedType(type);
  if (accepted === null) throw badArgument(argument, TYPE_RULE);
  if (slot && !slot.takes(accepted))
    throw badArgument(argument, 'must be image/jpeg, image/jpg, image/png or image/webp');
  return accepted;
}

export function boundedList(argument: string, length: number): void {
  if (length > LIMITS.fileRequestsMax)
    throw badArgument(argument, `must have at most ${LIMITS.fileRequestsMax} items`);
}
