/**
 * The command `ackord`. Exit codes: 0 done, 1 it could not be done (the last line says why), 2 the command line
 * itself is wrong.
 */
import manifest from '../package.json' with { type: 'json' };
import { type Command, parseCommand } from './command-line.ts';
import { generate } from './commands/generate.ts';
import { importFinance } from './commands/import-finance.ts';
import { importTravel } from './commands/import-travel.ts';
import { migrate } from './commands/migrate.ts';
import { start } from './commands/start.ts';
import { token } from './commands/token.ts';
import { HELP } from './help.ts';

async function run(command: Command): Promise<number> {
  switch (command.name) {
    case 'start':
      return start(command);
    case 'token':
      return token(command);
    case 'generate':
      return generate(command);
    case 'migrate':
      return migrate(command);
    case 'import-travel':
      return importTravel(command);
    case 'import-finance':
      return importFinance(command);
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
