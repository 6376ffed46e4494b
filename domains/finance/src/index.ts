export * from './checksum/entity-checksum.ts';
export * from './entities/soft-references.ts';
export * from './entities/words.ts';
export * from './entities.ts';
export { type DataFolder, openFolder } from './moving-in/folder.ts';
export { ImportStopped, importTenant, type TenantImport } from './moving-in/import-tenant.ts';
export {
  type FinanceMove,
  type FinanceMoved,
  type FinanceReport,
  moveFinanceIn,
} from './moving-in/move-in.ts';
export { type Counts, Problems, Tally } from './moving-in/tally.ts';
export { financeApi } from './rest/api.ts';
export { type FinanceOptions, serveFinance } from './serve.ts';
export * from './sqlite/tenant-file.ts';
export * from './wire/decode.ts';
export * from './wire/encode.ts';
export * from './wire/entity-types.ts';
export * from './wire/moment.ts';
export * from './wire/type-names.ts';
