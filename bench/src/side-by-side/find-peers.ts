/**
 * The peers that there are: what the modules of bench/src/peers export. The key of one is the name of its file, or that of
 * the export where a file has several. Packages of peers are not installed with the product; a peer without them is found all the same, as one that is not installed.
 */
import { readdir } from 'node:fs/promises';
import type { Peer } from '../peers/peer.ts';

const FOLDER = new URL('../peers/', import.meta.url);
/** Measured first, so that what comes later has something to be compared with. */
const FIRST = ['ackord', 'naive'];

export interface Found {
  readonly key: string;
  /** null: its packages are not installed. */
  readonly peer: Peer | null;
}

export async function findPeers(): Promise<Found[]> {
  const files = await readdir(FOLDER);
  const modules = files
    .filter((file) => file.endsWith('.ts') && !/(-server|\.test)\.ts$/.test(file))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort((a, b) => place(a) - place(b) || a.localeCompare(b));
  return (await Promise.all(modules.map(peersOf))).flat();
}

const place = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);

export const findPeer = async (key: string): Promise<Found | undefined> =>
  (await findPeers()).find((one) => one.key === key);

/** None: a module that peers share. */
async function peersOf(name: string): Promise<Found[]> {
  try {
    const module: Record<string, unknown> = await import(new URL(`${name}.ts`, FOLDER).href);
    const peers = Object.entries(module).filter((entry): entry is [string, Peer] => isPeer(entry[1]));
    return peers.map(([exported, peer]) => ({ key: peers.length > 1 ? dashed(exported) : name, peer }));
  } catch (cause) {
    if (isMissingPackage(cause)) return [{ key: name, peer: null }];
    throw cause;
  }
}

/** tinybaseMemory → tinybase-memory. */
const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const isPeer = (value: unknown): value is Peer =>
  typeof value === 'object' && value !== null && 'durability' in value && 'start' in value;

export const isMissingPackage = (cause: unknown): boolean =>
  cause instanceof Error &&
  'code' in cause &&
  (cause.code === 'ERR_MODULE_NOT_FOUND' || cause.code === 'MODULE_NOT_FOUND');
