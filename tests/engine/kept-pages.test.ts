import { openMemory } from '../support/stores.ts';
import { registerKeptPageTests } from './kept-pages.ts';

registerKeptPageTests('memory', openMemory);
