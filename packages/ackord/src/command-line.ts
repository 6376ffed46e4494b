/** Reads the command line: arguments in, a command or one line that says what is wrong with them out. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

export type Command =
  | {
      readonly name: 'start';
      readonly port: string | null;
      readonly dataFolder: string | null;
      readonly workers: string | null;
    }
  | { readonly name: 'token'; readonly email: string; readonly allowProduction: boolean }
  | { readonly name: 'generate'; readonly check: boolean }
  | { readonly name: 'migrate'; readonly direction: 'up' }
  | { readonly name: 'migrate'; readonly direction: 'down'; readonly to: number }
  | {
      readonly name: 'import-travel';
      readonly from: string;
      readonly isDryRun: boolean;
      readonly withFiles: boolean;
    }
  | { readonly name: 'import-finance'; readonly from: string; readonly isDryRun: boolean }
  | { readonly name: 'help' }
  | { readonly name: 'version' };

export type ParsedCommand =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly problem: string };

const command = (found: Command): ParsedCommand => ({ ok: true, command: found });
const problem = (text: string): ParsedCommand => ({ ok: false, problem: text });

export function parseCommand(args: readonly string[]): ParsedCommand {
  const [first = 'start'] = args;
  if (args.includes('--help') || args.includes('-h') || first === 'help') return command({ name: 'help' });
  if (first === '--version' || first === '-v') return command({ name: 'version' });
  // The first word is the command; without one, everything belongs to start.
  const named = !first.startsWith('-');
  const rest = named ? args.slice(1) : args;
  const read = named ? COMMANDS.get(first) : readStart;
  if (!read) return problem(`There is no command ${JSON.stringify(first)}.`);
  try {
    return read(rest);
  } catch (error) {
    if (!isArgumentFault(error)) throw error;
    // Node's sentence, without its hint on positional arguments.
    return problem(`${error.message.split(/[.\n]/)[0]}.`);
  }
}

const COMMANDS = new Map<string, (args: readonly string[]) => ParsedCommand>([
  ['start', readStart],
  ['token', readToken],
  ['generate', readGenerate],
  ['migrate', readMigrate],
  ['import', readImport],
]);

const options = <T extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], known: T) =>
  parseArgs({ args: [...args], options: known, allowPositionals: false, strict: true }).values;

function readStart(args: readonly string[]): ParsedCommand {
  const given = options(args, {
    port: { type: 'string' },
    'data-dir': { type: 'string' },
    workers: { type: 'string' },
  });
  const { port = null, 'data-dir': dataFolder = null, workers = null } = given;
  return command({ name: 'start', port, dataFolder, workers });
}

function readToken(args: readonly string[]): ParsedCommand {
  const given = options(args, { email: { type: 'string' }, 'allow-production': { type: 'boolean' } });
  if (!given.email) return problem('token needs --email <address>.');
  return command({ name: 'token', email: given.email, allowProduction: given['allow-production'] ?? false });
}

function readGenerate(args: readonly string[]): ParsedCommand {
  const given = options(args, { check: { type: 'boolean' } });
  return command({ name: 'generate', check: given.check ?? false });
}

function readMigrate([direction, ...rest]: readonly string[]): ParsedCommand {
  if (direction === 'up') {
    options(rest, {});
    return command({ name: 'migrate', direction });
  }
  if (direction !== 'down') return problem('migrate needs a direction: up or down.');
  const given = options(rest, { to: { type: 'string' }, 'delete-all-data': { type: 'boolean' } });
  if (!/^\d{1,4}$/.test(given.to ?? ''))
    return problem('migrate down needs --to <number of the migration to keep last>.');
  const to = Number(given.to);
  if (to === 0 && !given['delete-all-data'])
    return problem('migrate down --to 0 deletes all data; say --delete-all-data too if that is meant.');
  return command({ name: 'migrate', direction, to });
}

function readImport([domain, ...rest]: readonly string[]): ParsedCommand {
  if (domain === 'travel') return readImportTravel(rest);
  if (domain === 'finance') return readImportFinance(rest);
  return problem('import needs to know what: import travel, or import finance.');
}

function readImportTravel(args: readonly string[]): ParsedCommand {
  const given = options(args, {
    from: { type: 'string' },
    'dry-run': { type: 'boolean' },
    files: { type: 'boolean' },
  });
  if (!given.from) return problem('import travel needs --from <address of the older database>.');
  const [isDryRun, withFiles] = [given['dry-run'] ?? false, given.files ?? false];
  if (isDryRun && withFiles) return problem('import travel takes either --dry-run or --files.');
  return command({ name: 'import-travel', from: given.from, isDryRun, withFiles });
}

function readImportFinance(args: readonly string[]): ParsedCommand {
  const given = options(args, { from: { type: 'string' }, 'dry-run': { type: 'boolean' } });
  if (!given.from) return problem('import finance needs --from <data folder of the original server>.');
  return command({ name: 'import-finance', from: given.from, isDryRun: given['dry-run'] ?? false });
}

const isArgumentFault = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
