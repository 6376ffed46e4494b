/**
 * The sync server of Actual, a budgeting app. It stores what devices send and tells others, without looking inside: a
 * message for each field that was changed, ordered by a hybrid clock. The client here does what Actual's does, with its
 * own package for clocks, hash tree and messages, but keeps no database.
 */
import { load } from '../../peers/load.ts';
import { answerOf, type Budget, type Crdt, Device } from './actual/device.ts';
import type { Peer, PeerClient } from './peer.ts';
import { startServer } from './server-process.ts';

export const actual: Peer = {
  name: 'Actual sync server',
  version: '26.9.0',
  durability: 'commit',
  differences:
    'Acknowledged after a commit of SQLite that reached the disk. A message for each field, four for a record; the latest ' +
    'clock wins on each device, the server decides nothing and keeps all messages for ever. Each call also brings what ' +
    'others wrote. It has no live channel: its clients ask. Its limit of requests per address is met with many addresses.',
  start: async (folder) => {
    const crdt = await load<Crdt>('@actual-app/crdt');
    const server = await startServer('actual.ts', { FOLDER: folder });
    try {
      const budget = await makeBudget(`http://127.0.0.1:${server.port}`);
      return { connect: async () => connect(crdt, budget), memory: server.memory, stop: server.stop };
    } catch (error) {
      await server.stop();
      throw error;
    }
  },
};

async function makeBudget(url: string): Promise<Budget> {
  const json = { 'Content-Type': 'application/json' };
  const password = { loginMethod: 'password', password: 'measured twice' };
  await answerOf(`${url}/account/bootstrap`, json, JSON.stringify(password));
  const login = await answerOf(`${url}/account/login`, json, JSON.stringify(password));
  const { data } = JSON.parse(login.toString()) as { data: { token: string } };
  const upload = await answerOf(
    `${url}/sync/upload-user-file`,
    {
      'Content-Type': 'application/encrypted-file',
      'X-ACTUAL-TOKEN': data.token,
      'X-ACTUAL-FILE-ID': 'bench',
      'X-ACTUAL-NAME': 'bench',
      'X-ACTUAL-FORMAT': '2',
    },
    Buffer.from('an empty budget'),
  );
  const { groupId } = JSON.parse(upload.toString()) as { groupId: string };
  return { url, token: data.token, fileId: 'bench', groupId };
}

function connect(crdt: Crdt, budget: Budget): PeerClient {
  const device = new Device(crdt, budget);
  return {
    push: (records) => device.write(records),
    change: (record) => device.write([record]),
    pull: async () => {
      await device.sync([]);
      return device.takeNews();
    },
    listen: () => Promise.reject(new Error('Actual has no live channel')),
    close: async () => {},
  };
}
