/** The bus of a server that is alone: its own commits, told in the order in which they were made. */
import type { Bus } from '../engine/ports.ts';

type Listener = Parameters<Bus['subscribe']>[0];

export function createMemoryBus(): Bus {
  const listeners = new Set<Listener>();
  return {
    publish(message) {
      for (const listener of listeners) listener(message);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
