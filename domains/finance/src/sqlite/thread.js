// A thread of its own loads no TypeScript unless it is told how.
import '@ackord/run-typescript';

await import('./thread-main.ts');
