/** What runs in the thread of thread.js: one job, one answer. */
import { parentPort, workerData } from 'node:worker_threads';
import initSqlJs from 'sql.js';
import type { Job } from './in-thread.ts';
import { readFile } from './read-file.ts';
import { writeFile } from './write-file.ts';

const sql = await initSqlJs();
const job = workerData as Job;
switch (job.kind) {
  case 'read':
    parentPort?.postMessage(readFile(sql, job.bytes, job.tables, job.limits));
    break;
  case 'write':
    parentPort?.postMessage(writeFile(sql, job.tables));
    break;
}
