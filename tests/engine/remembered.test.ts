import { openMemory } from '../support/stores.ts';
import { registerRememberedTests } from './remembered.ts';

registerRememberedTests('memory', openMemory);
