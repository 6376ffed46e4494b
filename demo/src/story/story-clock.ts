/**
 * The time of the story. It ends now, so that everything in it has happened when the server hears of it, and began at
 * midnight of day 1; all it prints is relative to that.
 */
export interface StoryClock {
  /** `time` as HH:MM. Milliseconds since 1970. */
  at(day: number, time: string): number;
  /** 'day 3, 14:05' */
  label(time: number): string;
  /** '14:05' */
  clockTime(time: number): string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** `end`: the last moment of the story, which is `now`. */
export function createStoryClock(
  now: number,
  end: { readonly day: number; readonly time: string },
): StoryClock {
  const start = now - sinceStart(end.day, end.time);
  const minutesOf = (time: number) => Math.floor((time - start) / MINUTE_MS) % (24 * 60);
  const clockTime = (time: number): string => {
    const minutes = minutesOf(time);
    return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  };
  return {
    at: (day, time) => start + sinceStart(day, time),
    clockTime,
    label: (time) => `day ${Math.floor((time - start) / DAY_MS) + 1}, ${clockTime(time)}`,
  };
}

function sinceStart(day: number, time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (day - 1) * DAY_MS + (hours * 60 + minutes) * MINUTE_MS;
}

const two = (number: number): string => String(number).padStart(2, '0');
