/** Imports run one way: core ← server ← domains ← ackord; inside the server the engine knows core and its ports alone. */
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    only(
      'no-cycles',
      'Two modules that need each other are one module, or three.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    only(
      'core-is-pure',
      'Core runs in browsers: no Node API, nothing of the rest.',
      { path: '^packages/core/src', pathNot: '\\.test\\.ts$' },
      { dependencyTypes: ['core'] },
    ),
    only(
      'core-imports-nothing',
      'Everybody builds on core.',
      { path: '^packages/core/src' },
      { path: '^(packages/(server|ackord)|domains|demo|bench)/' },
    ),
    only(
      'server-knows-no-domain',
      'The engine is the same for all domains.',
      { path: '^packages/server/src' },
      { path: '^(packages/ackord|domains|demo|bench)/' },
    ),
    only(
      'domains-know-no-command',
      'Domains are composed by the command.',
      { path: '^domains/[^/]+/src' },
      { path: '^(packages/ackord|demo|bench)/' },
    ),
    only(
      'domains-stay-apart',
      'A domain never needs another one.',
      { path: '^domains/([^/]+)/src' },
      { path: '^domains/', pathNot: '^domains/$1/' },
    ),
    only(
      'engine-sees-its-ports',
      'What the engine needs from outside stands in ports.ts.',
      { path: '^packages/server/src/engine', pathNot: '\\.test\\.ts$' },
      { path: '^packages/server/src/', pathNot: '^packages/server/src/engine/' },
    ),
    only(
      'sql-in-the-store',
      'All SQL lives in the store; that of the server which people move in from lies with its tables.',
      {
        path: '^(packages|domains)/',
        pathNot:
          '^packages/server/(src/store|tests)|^domains/travel/src/moving-in/source\\.ts$|\\.test\\.ts$',
      },
      { path: 'node_modules/pg/' },
    ),
    only(
      'store-below-transports',
      'The store knows the engine, not who calls it.',
      { path: '^packages/server/src/(store|bus)' },
      { path: '^packages/server/src/transports' },
    ),
    only('not-to-unresolvable', 'An import that leads nowhere.', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(data|dist)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json', '.mjs', '.cjs'],
    },
  },
};
