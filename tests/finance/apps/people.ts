/** What people do on their devices: the next edit, chosen so that all of them meet in few records. */
import { TYPE_NAMES, type TypeName } from '@ackord/finance';
import type { Chance } from '../../legacy/apps/chance.ts';
import type { Device } from './device.ts';
import { type Entity, HABITS } from './entities.ts';

const RECORDS_WANTED = 4;

/** Makes one edit. */
export function editSomething(device: Device, chance: Chance): void {
  const type = chance.one(TYPE_NAMES);
  if (!type) return;
  const known = [...device.store.all(type)].sort((a, b) => (a.id < b.id ? -1 : 1));
  const dice = chance.number(100);
  if (dice < 4 && device.deleted.length > 0) {
    device.bringBack();
    return;
  }
  const chosen = chance.one(known);
  if (!chosen || dice < (known.length < RECORDS_WANTED ? 40 : 12))
    device.create(type, linksOf(device, type, chance));
  else if (dice < 28 && mayDelete(device, type, chosen)) device.delete(type, chosen);
  else device.update(type, chosen);
}

/** To what the device knows; to nothing where it knows nothing. */
function linksOf(device: Device, type: TypeName, chance: Chance): Record<string, string> {
  const links: Record<string, string> = {};
  for (const [field, target] of Object.entries(HABITS[type].references)) {
    const to = chance.one(device.store.all(target));
    if (to && chance.percent(60)) links[field] = to.id;
  }
  return links;
}

/** The app refuses to delete what its own store shows to be in use. */
function mayDelete({ store }: Device, type: TypeName, { id }: Entity): boolean {
  const isUsed = (by: TypeName, field: string): boolean => store.all(by).some((one) => one[field] === id);
  switch (type) {
    case 'Account':
      return !isUsed('Transaction', 'accountId');
    case 'AccountGroup':
      return !isUsed('Account', 'accountGroupId');
    case 'CategoryGroup':
      return !isUsed('Category', 'categoryGroupId');
    case 'Tag':
      return !isUsed('Tag', 'parentTagId');
    case 'Recipient':
      return !isUsed('Transaction', 'recipientId') && !isUsed('PlanningTransaction', 'recipientId');
    default:
      return true;
  }
}
