/** Whole numbers that callers choose within limits. */
import { refusal } from './errors.ts';

/** The value, if it is from 1 to max; else the call is refused, naming the argument. */
export function inRange(name: string, value: number, max: number): number {
  if (value >= 1 && value <= max) return value;
  throw refusal('BAD_USER_INPUT', `${name} must be from 1 to ${max}.`);
}
