/**
 * The command `ackord`. Exit codes: 0 done, 1 it could not be done (the last line says why), 2 the command line
 * itself is wrong.
 */
import manifest from '../package.json' with { type: 'json' };
import { type Command, parseCommand } from './command-line.ts';
import { HELP } from './help.ts';

/** Each command loads what it needs: most of it is a server, and the help is not. */
async function run(command: Command): Promise<number> {
  switch (command.name) {
    case 'start':
      return (await import('./commands/start.ts')).start(command);
    case 'token':
      return (await import('./commands/token.ts')).token(command);
    case 'generate':
      return (await import('./commands/generate.ts')).generate(command);
    case 'migrate':
      return (await import('./commands/migrate.ts')).migrate(command);
    case 'import-travel':
      return (await import('./commands/import-travel.ts')).importTravel(command);
    case 'import-finance':
      return (await import('./commands/import-finance.ts')).importFinance(command);
    case 'help':
      process.stdout.write(HELP);
      return 0;
    case 'version':
      process.stdout.write(`${manifest.version}\n`);
      return 0;
  }
}

const parsed = parseCommand(process.argv.slice(2));
if (parsed.ok) process.exitCode = await run(parsed.command);
else {
  process.stderr.write(`ackord: ${parsed.problem} See: ackord --help\n`);
  process.exitCode = 2;
}
