/** Address of the page for trying things out. */
import type { Server } from '@ackord/server';

/** null: it is off. */
export const graphiqlUrlOf = (server: Server, url: string): string | null =>
  server.app.hasRoute({ method: 'GET', url: '/graphql/graphiql/start.js' }) ? `${url}/graphql` : null;
