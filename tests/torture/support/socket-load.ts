/**
 * Many apps in one process: raw sockets that send entries at a given rate and look at every byte that comes back, for
 * answers (how long they took) and for marks of other tenants. It sends for each of the times that are given, tells what
 * it saw meanwhile as a JSON line on its output, and waits for a line on its input before it goes on, or closes.
 *
 * socket-load.ts <port> <tenants> <sockets per tenant> <entries per second> <seconds>...
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [port = 0, tenants = 0, perTenant = 0, rate = 0, ...times] = process.argv.slice(2).map(Number);
const run = randomUUID().slice(0, 8);

interface App {
  readonly tenant: number;
  readonly socket: Socket;
  /** Entities that it made, to be changed later. */
  readonly made: string[];
  /** Entries that were not answered yet: nothing is looked for where none are. */
  unanswered: number;
}

const sentAt = new Map<string, number>();
const latencies: number[] = [];
let [foreign, updates, nacks, bytes] = [0, 0, 0, 0];

const MARK = Buffer.from('mark-');
const ACK = Buffer.from('"type":"sync_ack","id":"');
const NACK = Buffer.from('"type":"sync_nack"');
const ID_LENGTH = 36;
const TAIL_BYTES = 64;

const tenantName = (tenant: number): string => `load-${run}-${tenant}`;
const markOf = (tenant: number): string => `mark-${String(tenant).padStart(4, '0')}`;

/** What lies before `seam` was looked at with the chunk before. */
function look(app: App, data: Buffer, seam: number): void {
  const mine = markOf(app.tenant);
  for (const at of found(data, MARK, mine.length, seam)) {
    updates++;
    if (data.toString('latin1', at, at + mine.length) !== mine) foreign++;
  }
  if (app.unanswered === 0) return;
  for (const at of found(data, ACK, ACK.length + ID_LENGTH, seam)) {
    const id = data.toString('latin1', at + ACK.length, at + ACK.length + ID_LENGTH);
    const since = sentAt.get(id);
    if (since === undefined) continue;
    sentAt.delete(id);
    app.unanswered--;
    latencies.push(performance.now() - since);
  }
  for (const _ of found(data, NACK, NACK.length, seam)) nacks++;
}

/** Where `length` bytes that begin with the pattern lie, and end behind the seam. */
function* found(data: Buffer, pattern: Buffer, length: number, seam: number): Generator<number> {
  const from = Math.max(0, seam - length + 1);
  for (let at = data.indexOf(pattern, from); at >= 0; at = data.indexOf(pattern, at + 1)) {
    if (at + length > data.length) return;
    yield at;
  }
}

function open(tenant: number): Promise<App> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const app: App = { tenant, socket, made: [], unanswered: 0 };
    let isUp = false;
    let tail = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.write(
      `GET /ws/${tenantName(tenant)} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      answerPings(socket, chunk);
      if (!isUp && chunk.includes('"status":"online"')) {
        isUp = true;
        resolve(app);
      }
      // What is looked for may lie across two chunks.
      const whole = tail.length > 0 ? Buffer.concat([tail, chunk]) : chunk;
      look(app, whole, tail.length);
      tail = Buffer.from(whole.subarray(Math.max(0, whole.length - TAIL_BYTES)));
    });
  });
}

/** Pings carry a short number; in the midst of text no byte has the highest bit. */
function answerPings(socket: Socket, chunk: Buffer): void {
  for (let at = chunk.indexOf(0x89); at >= 0; at = chunk.indexOf(0x89, at + 1)) {
    const length = chunk[at + 1] ?? 0;
    if (length > 16) continue;
    socket.write(frame(chunk.subarray(at + 2, at + 2 + length), 0x8a));
  }
}

function frame(payload: Buffer, first = 0x81): Buffer {
  const extended = payload.length > 125;
  const header = Buffer.alloc(extended ? 8 : 6);
  header[0] = first;
  if (extended) {
    header[1] = 0x80 | 126;
    header.writeUInt16BE(payload.length, 2);
  } else header[1] = 0x80 | payload.length;
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([header, payload]);
}

function send(app: App): void {
  const isNew = app.made.length < 5 || Math.random() < 0.3;
  const entityId = isNew ? randomUUID() : (app.made[Math.floor(Math.random() * app.made.length)] ?? '');
  if (isNew) app.made.push(entityId);
  const now = Date.now();
  const id = randomUUID();
  const payload = {
    id: entityId,
    accountId: 'a1',
    categoryId: null,
    date: '2026-01-01',
    valueDate: '2026-01-01',
    amount: Math.round(Math.random() * 100_000) / 100,
    description: `${markOf(app.tenant)} ${'groceries and such '.repeat(4)}`,
    payee: 'Baker',
    tagIds: [],
    type: 'EXPENSE',
    runningBalance: 0,
    updated_at: new Date(now).toISOString(),
  };
  const entry = {
    id,
    tenantId: tenantName(app.tenant),
    entityType: 'Transaction',
    entityId,
    operationType: isNew ? 'create' : 'update',
    payload,
    timestamp: now,
    lastAttempt: now,
    attempts: 1,
    status: 'processing',
  };
  sentAt.set(id, performance.now());
  app.unanswered++;
  app.socket.write(frame(Buffer.from(JSON.stringify({ type: 'process_sync_entry', payload: entry }))));
}

const tell = (facts: object): void => void process.stdout.write(`${JSON.stringify(facts)}\n`);

const apps: App[] = [];
const all = Array.from({ length: tenants * perTenant }, (_, at) => at % tenants);
for (let at = 0; at < all.length; at += 200)
  apps.push(...(await Promise.all(all.slice(at, at + 200).map((tenant) => open(tenant)))));
tell({ open: apps.length });

async function sendFor(seconds: number): Promise<void> {
  [foreign, updates, nacks, bytes] = [0, 0, 0, 0];
  latencies.length = 0;
  let sent = 0;
  const begin = performance.now();
  const due = (): number => ((performance.now() - begin) / 1_000) * rate;
  while (performance.now() - begin < seconds * 1_000) {
    for (const until = Math.min(due(), rate * seconds); sent < until; sent++)
      send(apps[sent % apps.length] as App);
    await sleep(5);
  }
  const sendingEnded = performance.now();
  while (sentAt.size > 0 && performance.now() - sendingEnded < 30_000) await sleep(20);
  // What became of the last entries is still being told.
  for (let before = -1; before !== updates; await sleep(1_500)) before = updates;

  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;
  tell({
    seconds,
    sent,
    acked: latencies.length,
    unanswered: sentAt.size,
    nacks,
    foreign,
    updates,
    megabytes: Math.round(bytes / 1e6),
    perSecond: Math.round(sent / ((sendingEnded - begin) / 1_000)),
    p50: at(0.5),
    p99: at(0.99),
    max: at(0.9999),
  });
}

for (const seconds of times) {
  await sendFor(seconds);
  await once(process.stdin, 'data');
}
process.stdin.destroy();
for (const { socket } of apps) socket.destroy();
