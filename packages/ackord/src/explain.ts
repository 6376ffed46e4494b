/** What went wrong with a start, in one line for a person; null for what nobody has foreseen. */
import { type Config, DatabaseFailure, EmbeddedPostgresError } from '@ackord/server';

export function explain(
  error: unknown,
  config: Pick<Config, 'http' | 'dataFolder' | 'files'>,
): string | null {
  if (error instanceof EmbeddedPostgresError) return error.message;
  if (error instanceof DatabaseFailure)
    return `DATABASE_URL: the database cannot be used (${error.message}). Check that it runs, the address, the login and its rights.`;
  const { code, syscall, path } = systemFacts(error);
  if (code === undefined) return null;
  if (syscall === 'listen' || syscall === 'bind' || syscall === 'getaddrinfo')
    return listenProblem(code, config.http);
  if (path?.startsWith(config.files.folder))
    return `FILES_DIR: ${path} cannot be used (${code}); give a folder that this account may write to.`;
  if (path?.startsWith(config.dataFolder))
    return `ACKORD_DATA_DIR: ${path} cannot be used (${code}); give a folder that this account may write to.`;
  return null;
}

function listenProblem(code: string, { port, host }: Config['http']): string {
  switch (code) {
    case 'EADDRINUSE':
      return `PORT: ${port} on ${host} is in use by another program; stop that one, or set PORT to another number.`;
    case 'EACCES':
      return `PORT: ${port} may not be used by this account; set PORT to a number above 1023.`;
    default:
      return `HOST: ${host} is no address of this machine (${code}); 127.0.0.1 is this machine alone, 0.0.0.0 all its networks.`;
  }
}

function systemFacts(error: unknown): Partial<Record<'code' | 'syscall' | 'path', string>> {
  if (!(error instanceof Error) || !('syscall' in error)) return {};
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  return { ...(code && { code }), ...(syscall && { syscall }), ...(path && { path }) };
}
