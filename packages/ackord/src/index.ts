export { bundledDomains } from './domains.ts';
