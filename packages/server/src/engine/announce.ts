/** Rung 12: 'scope S is at n', to whoever follows it. Messages may be lost; followers also look for themselves. */
import type { Announcement } from './announcement.ts';
import type { Bus } from './ports.ts';

export function announce(bus: Bus, announcements: readonly Announcement[]): void {
  for (const announcement of announcements) bus.publish(announcement);
}
