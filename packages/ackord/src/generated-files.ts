/** The committed files that are made from the sources, with the text that they must have. */
import { financeApi } from '@ackord/finance';
import { configurationPage, envExample } from '@ackord/server';
import { printTravelSchema } from '@ackord/travel';
import { errorsPage } from './errors-page.ts';

export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export const generatedFiles = (): readonly GeneratedFile[] => [
  { path: '.env.example', text: envExample() },
  { path: 'docs/configuration.md', text: configurationPage() },
  { path: 'docs/errors.md', text: errorsPage() },
  { path: 'domains/finance/openapi.json', text: `${JSON.stringify(financeApi(), null, 2)}\n` },
  { path: 'domains/travel/schema.graphql', text: printTravelSchema() },
];
