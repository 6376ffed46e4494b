/**
 * How a server that is measured tells that it is ready, and when it ends. Its standard input is a pipe that only the
 * measuring process holds: should that one end without a word, the pipe closes, and no server is left behind.
 */
export function readyOn(port: number, close: () => Promise<void> | void = () => {}): void {
  let closing = false;
  const end = async (): Promise<void> => {
    if (closing) return;
    closing = true;
    await close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void end());
  process.stdin.on('end', () => void end());
  process.stdin.resume();
  process.stdout.write(`listening on ${port}\n`);
}

/** A port that is free now, for servers that can't tell which one they were given. */
export async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
