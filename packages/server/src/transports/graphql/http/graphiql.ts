/** GraphiQL. */
import type { FastifyInstance } from 'fastify';
export function addGraphiql(_app: FastifyInstance, _path: string): void {}
