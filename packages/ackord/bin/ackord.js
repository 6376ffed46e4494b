#!/usr/bin/env node
// The sources are TypeScript and run as they are: tsx takes the types off while Node loads them.
import { register } from 'tsx/esm/api';

register();
await import('../src/main.ts');
