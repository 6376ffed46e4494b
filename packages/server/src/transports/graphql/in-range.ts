/** Whole numbers that callers choose within limits. */
import { badArgument } from './errors.ts';

/** The value, if it is from 1 to max; else the call is refused, naming the argument. */
export function inRange(name: string, value: number, max: number): number {
  if (value >= 1 && value <= max) return value;
  throw badArgument(name, `must be from 1 to ${max}`);
}
