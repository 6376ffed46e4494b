export * from './entities/soft-references.ts';
export * from './entities.ts';
export * from './wire/type-names.ts';
