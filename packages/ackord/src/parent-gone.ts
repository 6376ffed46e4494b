/**
 * npm runs a script in a shell that keeps signals to itself: whoever ends `npm start` would leave the server behind,
 * with its port and its data folder. So a server that npm has started ends when the process above it is gone.
 */
const LOOK_MS = 500;

/** Resolves when the parent has ended; never, for a server that was not started by npm. */
export function parentGone(): Promise<void> {
  return new Promise((resolve) => {
    if (process.env.npm_lifecycle_event === undefined) return;
    const parent = process.ppid;
    const look = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(look);
      resolve();
    }, LOOK_MS);
    look.unref();
  });
}
