/** What one writes in an afternoon: a table, a socket, a broadcast. Started by naive.ts with the URL of its database. */
import pg from 'pg';
import { WebSocket, WebSocketServer } from 'ws';

const pool = new pg.Pool({ connectionString: process.argv[2], max: 10 });
await pool.query(`CREATE SEQUENCE edit;
  CREATE TABLE item (id uuid PRIMARY KEY, body jsonb NOT NULL, edit bigint NOT NULL DEFAULT nextval('edit'));
  CREATE INDEX ON item (edit)`);
const listening = new Set<WebSocket>();
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

server.on('connection', (socket) => {
  socket.on('close', () => listening.delete(socket));
  socket.on('message', async (text) => {
    const { ask, type, item, since } = JSON.parse(text.toString());
    if (type === 'put') {
      await pool.query(
        `INSERT INTO item (id, body) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET body = excluded.body, edit = nextval('edit')`,
        [item.id, item],
      );
      const news = JSON.stringify({ type: 'item', item });
      for (const other of listening)
        if (other !== socket && other.readyState === WebSocket.OPEN) other.send(news);
    }
    if (type === 'listen') listening.add(socket);
    const { rows } =
      type === 'since'
        ? await pool.query('SELECT edit, body FROM item WHERE edit > $1 ORDER BY edit', [since])
        : { rows: [] };
    socket.send(JSON.stringify({ ask, rows }));
  });
});
server.on('listening', () => process.send?.(server.address()));
process.on('disconnect', () => process.exit());
