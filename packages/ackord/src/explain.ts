/** What went wrong with a start, in one line for a person; null for what nobody has foreseen. */
import { type Config, DatabaseFailure, EmbeddedPostgresError } from '@ackord/server';

export function explain(error: unknown, { http }: Pick<Config, 'http'>): string | null {
  if (error instanceof EmbeddedPostgresError) return error.message;
  if (error instanceof DatabaseFailure)
    return `DATABASE_URL: the database cannot be used (${error.message}). Check that it runs, the address, the login and its rights.`;
  const where = `${http.port} on ${http.host}`;
  switch ((error as NodeJS.ErrnoException | null)?.code) {
    case 'EADDRINUSE':
      return `PORT: ${where} is in use by another program; stop that one, or set PORT to another number.`;
    case 'EACCES':
      return `PORT: ${where} may not be used by this account; set PORT to a number above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST: ${http.host} is no address of this machine; 127.0.0.1 is this machine alone, 0.0.0.0 all its networks.`;
    default:
      return null;
  }
}
