/** Which logos the records of a tenant use. A logo's path is `<tenant>/<uuid>.png`; its key in the store is made of both. */
import { LIMITS, type RecordState } from '@ackord/core';
import { tenantActor } from '../access.ts';
import type { FinanceTools } from '../tools.ts';

type Tools = Pick<FinanceTools, 'engine' | 'fileStore'>;

const TYPES = ['finance.Account', 'finance.AccountGroup'];

/** `<uuid>.png`. */
export const LOGO_FILE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.png$/;

export const logoPath = (tenantId: string, file: string): string => `${tenantId}/${file}`;

/** Keys have two parts only, so that the tenant goes behind the random name. */
export const logoKey = (tenantId: string, file: string): string =>
  `logos/${file.slice(0, -'.png'.length)}_${tenantId}.png`;

export async function isLogoUsed(tools: Tools, tenantId: string, file: string): Promise<boolean> {
  const path = logoPath(tenantId, file);
  for (const type of TYPES) {
    const found = await withLogo(tools, tenantId, type, path);
    if (found.some(({ fields }) => fields.logoPath === path)) return true;
  }
  return false;
}

/** Looks for them now, while the records are there; call what it gives when they are gone. */
export async function removeLogosOf(tools: Tools, tenantId: string): Promise<() => Promise<void>> {
  const paths = new Set<string>();
  for (const type of TYPES)
    for (const { fields } of await withLogo(tools, tenantId, type, logoPath(tenantId, '')))
      if (typeof fields.logoPath === 'string') paths.add(fields.logoPath);
  const files = [...paths].flatMap((path) => {
    const file = path.slice(tenantId.length + 1);
    return path === logoPath(tenantId, file) && LOGO_FILE.test(file) ? [file] : [];
  });
  return async () => {
    for (const file of files) await tools.fileStore.remove(logoKey(tenantId, file));
  };
}

/** Records whose logo's path contains the text. */
async function withLogo(
  { engine }: Tools,
  tenantId: string,
  type: string,
  text: string,
): Promise<readonly RecordState[]> {
  const contains = { fields: ['logoPath'], text };
  const asked = {
    actor: tenantActor(tenantId),
    type,
    owner: null,
    contains,
    after: null,
    limit: LIMITS.pageRowsMax,
  };
  const found = await engine.list(asked);
  return found.ok ? found.records : [];
}
