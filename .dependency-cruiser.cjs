/** The directions of docs/architecture.md: agent-tools → booking → calendar → tenant → platform. */
const upward = (from, to) => ({
  name: `${from}-knows-nothing-above`,
  comment: `src/${from} is below ${to.join(', ')}: it may not import them.`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: `^src/(${to.join('|')})/` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    upward('platform', ['tenant', 'calendar', 'booking', 'agent-tools']),
    upward('tenant', ['calendar', 'booking', 'agent-tools']),
    upward('calendar', ['booking', 'agent-tools']),
    upward('booking', ['agent-tools']),
    {
      name: 'the-engine-is-pure',
      comment: 'Intervals, rules and `now` in, slots out: no Nest, no database, nothing of ours but itself.',
      severity: 'error',
      from: { path: '^src/booking/engine/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^src/booking/engine/', 'node_modules/temporal-polyfill/'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/platform/database/generated/' },
      to: { circular: true },
    },
    {
      name: 'google-only-in-its-adapter',
      comment: "Google's client is behind CalendarProvider and OAuthProvider.",
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/calendar/google/' },
      to: { path: 'node_modules/(googleapis|googleapis-common|google-auth-library|gaxios)/' },
    },
    {
      name: 'prisma-only-in-repositories',
      severity: 'error',
      from: { path: '^src/', pathNot: ['\\.repository\\.ts$', '^src/platform/database/'] },
      to: { path: '^src/platform/database/generated/|node_modules/@prisma/' },
    },
    {
      name: 'nothing-needs-local',
      comment: 'What `npm start` adds on one machine is no part of the service.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/local/' },
      to: { path: '^src/local/' },
    },
    {
      name: 'composition-is-the-top',
      comment: 'Only programs put the application together.',
      severity: 'error',
      from: { path: '^src/(platform|tenant|calendar|booking|agent-tools)/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'no-development-packages-at-run-time',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/local/', '\\.spec\\.ts$'] },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'nothing-unresolved',
      comment: 'What is built may not be built yet.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '/dist/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
