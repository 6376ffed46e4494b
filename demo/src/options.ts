/** Reads the command line: arguments in, what to do or one line that says what is wrong with them out. */
import { parseArgs } from 'node:util';

export type Options =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'play';
      /** A folder of GPX files to bring into the journal. */
      readonly gpx: string | null;
      /** The endpoint of a server that runs already. */
      readonly url: string | null;
    }
  | { readonly kind: 'problem'; readonly text: string };

export const HELP = `Two phones travel, go offline, both edit, and come back: a story against a real server.

  npm run demo                      starts a server of its own, plays the story, and cleans up
  npm run demo -- --gpx <folder>    brings the GPX files of a folder into the journal too
  npm run demo -- --url <address>   plays against a server that runs already, such as
                                    http://127.0.0.1:4000/graphql; the accounts it makes stay there

Ends with 0 when both phones and the server are equal, with 1 when not, with 2 for wrong arguments.
`;

export function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' }, gpx: { type: 'string' }, url: { type: 'string' } },
    });
    if (values.help) return { kind: 'help' };
    return checked(values.gpx ?? null, values.url ?? null);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')))
      throw error;
    // Node's sentence, without its hint on positional arguments.
    return { kind: 'problem', text: `${error.message.split(/[.\n]/)[0]}.` };
  }
}

function checked(gpx: string | null, url: string | null): Options {
  if (gpx === '') return { kind: 'problem', text: '--gpx needs the name of a folder.' };
  if (url === null) return { kind: 'play', gpx, url };
  const endpoint = endpointOf(url);
  if (endpoint === null)
    return {
      kind: 'problem',
      text: `--url ${JSON.stringify(url)} is no address such as http://127.0.0.1:4000/graphql.`,
    };
  return { kind: 'play', gpx, url: endpoint };
}

/** The bare address of a server means its endpoint of the journal. */
function endpointOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (url.pathname === '/') url.pathname = '/graphql';
  return url.href;
}
