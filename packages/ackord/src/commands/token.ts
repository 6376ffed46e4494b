/** `ackord token`: the token alone on standard output, so that it can go straight into a header. */
import { tokenFor, tokensOf } from '@ackord/server';
import { readConfiguration } from '../configuration.ts';
import { withDatabase } from './with-database.ts';

/** Resolves with the exit code. */
export async function token(options: {
  readonly email: string;
  readonly allowProduction: boolean;
}): Promise<number> {
  const configured = readConfiguration();
  if (!configured) return 1;
  const { config } = configured;
  if (config.production && !options.allowProduction) {
    process.stderr.write(
      'token gives access without a password; in production say --allow-production too.\n',
    );
    return 1;
  }
  const tokens = await tokensOf(config);
  return withDatabase(config, async ({ users }) => {
    const issued = await tokenFor({ users, tokens, email: options.email });
    if (!issued.ok) {
      process.stderr.write(`--email: ${issued.problem}\n`);
      return 1;
    }
    const until = new Date(issued.expiresAt).toISOString();
    process.stderr.write(
      `${issued.created ? 'New user' : 'User'} ${issued.user.id}, token valid until ${until}\n`,
    );
    process.stdout.write(`${issued.token}\n`);
    return 0;
  });
}
