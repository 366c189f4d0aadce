import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { repositoryRoot } from '../support/vmcp.ts';

/** One way to run a conformance suite: which release of it, and for which revision of the protocol. */
export interface SuiteRun {
  readonly title: string;
  /** Folder below node_modules. */
  readonly packageName: string;
  /** Arguments after `conformance server` or `conformance client`. */
  readonly args: readonly string[];
}

const current = '@modelcontextprotocol/conformance';
const next = 'conformance-next';

/** The server side of both releases, with their default revision and with 2026-07-28 where a release knows it. */
export const serverRuns: readonly SuiteRun[] = [
  { title: '0.1.16', packageName: current, args: ['--suite', 'all'] },
  { title: '0.2.0-alpha.12', packageName: next, args: ['--suite', 'all'] },
  {
    title: '0.2.0-alpha.12 for 2026-07-28',
    packageName: next,
    args: ['--suite', 'all', '--spec-version', '2026-07-28'],
  },
];

/**
 * Scenarios of the client side that a gateway's backend side can be put to, by revision. Left out are `auth/*` (vmcp
 * reaches backends unauthenticated until `outgoingAuth` is built) and the extensions `sep-2640-*`, which ask what an agent
 * does with the skills it reads.
 */
export const clientScenarios: Readonly<Record<string, readonly string[]>> = {
  '2025-11-25': [
    'initialize',
    'tools_call',
    'elicitation-sep1034-client-defaults',
    'sse-retry',
    'json-schema-2020-12-preservation',
  ],
  '2026-07-28': [
    'tools_call',
    'request-metadata',
    'sep-2322-client-request-state',
    'http-standard-headers',
    'http-custom-headers',
    'http-invalid-tool-headers',
    'json-schema-ref-no-deref',
    'json-schema-2020-12-preservation',
  ],
};

/** Puts vmcp's backend side to one scenario of 0.2.0-alpha.12 and reads every check it has written down. */
export async function runClientScenario(scenario: string, revision: string): Promise<CheckResults> {
  const client = resolve(import.meta.dirname, 'client-through-vmcp.ts');
  const run = { title: scenario, packageName: next, args: [] };
  const command = `${process.execPath} ${client}`;
  return runSuite(run, ['client', '--command', command, '--scenario', scenario, '--spec-version', revision]);
}

/** How a check came out, by `scenario / id / description`, with a number where the same check is made again. */
export type CheckResults = ReadonlyMap<string, string>;

interface Check {
  readonly id: string;
  readonly description: string;
  readonly status: string;
  readonly errorMessage?: string;
}

/** True of a check that was made and is all right, or that does not apply. */
export function isPass(status: string | undefined): boolean {
  return status === 'SUCCESS' || status?.startsWith('SKIPPED') === true;
}

/** True of a check with which the suite itself fails; a warning is about what the specification only recommends. */
export function isFailure(status: string): boolean {
  return status.startsWith('FAILURE');
}

/** Runs a server suite against a URL and reads every check it has written down. */
export async function runServerSuite(run: SuiteRun, url: string): Promise<CheckResults> {
  return runSuite(run, ['server', '--url', url, ...run.args]);
}

async function runSuite(run: SuiteRun, args: readonly string[]): Promise<CheckResults> {
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-conformance-'));
  try {
    const file = resolve(repositoryRoot, 'node_modules', run.packageName, 'dist/index.js');
    const child = spawn(process.execPath, [file, ...args, '--output-dir', folder], {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    await once(child, 'exit');
    return readResults(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readResults(folder: string): CheckResults {
  const results = new Map<string, string>();
  for (const name of readdirSync(folder).sort()) {
    const scenario = name.replace(/^(server|client)-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, '');
    const checks = JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')) as Check[];
    for (const check of checks) {
      if (check.status === 'INFO') continue; // what went over the wire, no check
      results.set(freeKey(results, scenario, check), describe(check));
    }
  }
  if (results.size === 0) throw new Error('the conformance suite has written no check down');
  return results;
}

function freeKey(results: CheckResults, scenario: string, { id, description }: Check): string {
  const key = [scenario, id, description].join(' / ');
  for (let repeat = 2; ; repeat++) {
    const candidate = repeat === 2 ? key : `${key} (${repeat - 1})`;
    if (!results.has(candidate)) return candidate;
  }
}

function describe({ status, errorMessage }: Check): string {
  return errorMessage === undefined ? status : `${status}: ${errorMessage}`;
}
