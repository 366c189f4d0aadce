/**
 * Who may import whom, as data: the table of docs/ARCHITECTURE.md in the form that dependency-cruiser reads.
 * One rule per sentence of that page, so that a failure names the sentence that was broken.
 */
import type { IForbiddenRuleType } from 'dependency-cruiser';

/**
 * Folder to the folders it may import, itself aside. A folder that is not listed here may import nothing and be
 * not be imported at all: a new folder has to be entered before it can be used.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  starlark: [],
  lib: ['starlark/near-miss'],
  protocol: ['lib'],
  gateway: ['protocol', 'lib'],
  telemetry: ['gateway', 'protocol', 'lib'],
  storage: ['lib'],
  discovery: ['lib'],
  mcp: ['gateway', 'protocol', 'storage', 'lib'],
  features: [
    'gateway',
    'protocol',
    'lib',
    'storage',
    'starlark',
    'config/kit',
    'telemetry/kit',
    'console/wire',
  ],
  config: ['lib'],
  console: ['starlark/analysis', 'lib'],
  http: ['lib'],
  adoption: ['lib'],
  server: [
    'features',
    'mcp',
    'storage',
    'telemetry',
    'discovery',
    'config',
    'http',
    'gateway',
    'protocol',
    'lib',
  ],
  cli: ['server', 'config', 'adoption', 'starlark', 'lib'],
};

/** Package name pattern to the folders that own it. Other folders go through an owner. */
const dependencyOwners: Readonly<Record<string, readonly string[]>> = {
  '@codemirror/': ['console'],
  '@lezer/': ['console'],
  '@modelcontextprotocol/': ['mcp'],
  '@opentelemetry/': ['telemetry'],
  '@cedar-policy/': ['features'],
  'ioredis(/|$)': ['storage'],
  'jose(/|$)': ['features'],
  'oauth4webapi(/|$)': ['features'],
  'pino(/|$)': ['server'],
  'preact(/|$)': ['console'],
  'smol-toml(/|$)': ['cli'],
  'undici(/|$)': ['mcp', 'discovery'],
  'yaml(/|$)': ['config'],
  'zod(/|$)': ['config'],
};

/** Left out: a test may use whatever it needs to try its subject. */
export const testFiles: string = '[.]test[.]ts$';

function folderRules(): IForbiddenRuleType[] {
  return Object.entries(mayImport).map(([folder, targets]) => ({
    name: `direction-${folder}`,
    comment: `src/${folder} may import ${['itself', ...targets].join(', ')}`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: { path: '^src/', pathNot: [folder, ...targets].map((name) => `^src/${name}/`) },
  }));
}

function ownerRules(): IForbiddenRuleType[] {
  return Object.entries(dependencyOwners).map(([pattern, owners]) => ({
    name: `owner-${pattern.replace(/[^a-z]*$|\(.*/g, '').replace('@', '')}`,
    comment: `${pattern} is used in src/${owners.join(', src/')} alone`,
    severity: 'error',
    from: { path: '^src/', pathNot: [testFiles, `^src/(${owners.join('|')})/`] },
    to: { path: `node_modules/${pattern}` },
  }));
}

const folders = Object.keys(mayImport).join('|');

/** What the server sees of features before any code of theirs is loaded. */
const featureFaces = ['^src/features/feature[.]ts$', '^src/features/[^/]+/declaration[.]ts$'];

/** Every rule that `npm run check` holds, and that the planted breaches must each set off. */
export const boundaryRules: IForbiddenRuleType[] = [
  ...folderRules(),
  ...ownerRules(),
  {
    name: 'unknown-folder',
    comment: 'a folder of src has a line in the table of docs/ARCHITECTURE.md and in boundary-rules.ts',
    severity: 'error',
    from: { path: '^src/[^/]+/', pathNot: `^src/(${folders})/` },
    to: {},
  },
  {
    name: 'through-index',
    comment:
      'another folder is imported through its index.ts (mcp: through that of its parts; a feature: through its own or its declaration)',
    severity: 'error',
    from: { path: '^src/([^/]+)/' },
    to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/lib/', '/index[.]ts$', ...featureFaces] },
  },
  {
    name: 'features-apart',
    comment: 'a feature never imports another',
    severity: 'error',
    from: { path: '^src/features/([^/]+)/' },
    to: { path: '^src/features/', pathNot: ['^src/features/$1/', '^src/features/feature[.]ts$'] },
  },
  {
    name: 'language-owners',
    comment: 'of the features, code mode alone takes the language',
    severity: 'error',
    from: { path: '^src/features/', pathNot: '^src/features/code-mode/' },
    to: { path: '^src/starlark/' },
  },
  {
    name: 'mcp-wire-is-a-leaf',
    comment: 'src/mcp/wire is shared by both sides and knows neither',
    severity: 'error',
    from: { path: '^src/mcp/wire/' },
    to: { path: '^src/mcp/', pathNot: '^src/mcp/wire/' },
  },
  {
    name: 'mcp-sides-apart',
    comment: 'src/mcp/client and src/mcp/server meet in app.ts alone',
    severity: 'error',
    from: { path: '^src/mcp/(client|server)/' },
    to: { path: '^src/mcp/(client|server)/', pathNot: '^src/mcp/$1/' },
  },
  {
    name: 'leaf-without-packages',
    comment: 'src/starlark and src/lib use nothing from npm; src/starlark nothing from Node either',
    severity: 'error',
    from: { path: '^src/(starlark|lib)/' },
    to: { dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'starlark-without-node',
    comment: 'src/starlark runs in a browser: no Node module',
    severity: 'error',
    from: { path: '^src/starlark/' },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'no-dev-dependency',
    comment:
      'what ships imports nothing that an installed package lacks; the console ships with its packages in it',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/console/' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'no-tests-in-product',
    comment: 'what ships imports no test, no test support and no bench',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^(test|bench|scripts)/' },
  },
  {
    name: 'no-unresolved',
    comment: 'every import leads to a file',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];
