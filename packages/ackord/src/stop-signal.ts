/** What a person or a supervisor asks of a process by signals. */

/**
 * Resolves at the first SIGINT or SIGTERM. The second one ends the process, after `atOnce`, with the exit code that shells
 * expect of a killed program.
 */
export function stopSignal(atOnce: () => void = () => {}): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = (exitCode: number) => (): void => {
      if (asked) {
        atOnce();
        process.exit(exitCode);
      }
      asked = true;
      resolve();
    };
    process.on('SIGINT', ask(130));
    process.on('SIGTERM', ask(143));
  });
}
