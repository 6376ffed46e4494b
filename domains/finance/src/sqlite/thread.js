// A thread of its own loads no TypeScript unless it is told how.
import { register } from 'tsx/esm/api';

register();
await import('./thread-main.ts');
