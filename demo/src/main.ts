/**
 * `npm run demo`. Exit codes: 0 the phones and the server are equal, 1 they are not or the story could not be played
 * (the last line says why), 2 the command line is wrong, 130 it was interrupted.
 */
import { HELP, readOptions } from './options.ts';

const options = readOptions(process.argv.slice(2));
switch (options.kind) {
  case 'help':
    process.stdout.write(HELP);
    break;
  case 'problem':
    process.stderr.write(`demo: ${options.text} See: npm run demo -- --help\n`);
    process.exitCode = 2;
    break;
  case 'play': {
    // Whoever only wants help does not wait for a server to be loaded.
    const { demo } = await import('./demo.ts');
    process.exitCode = await demo(options);
    break;
  }
}
