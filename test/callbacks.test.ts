/**
 * No callback that input from outside reaches may end the process, whatever it throws. The source is searched for these
 * callbacks, so that one without a case here, or one that is registered without a guard, is a failure.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, describe, test, type TestContext } from 'node:test';
import { messageOf } from '../src/lib/thrown.ts';
import { auditCases } from './callbacks/audit.ts';
import { closeCodeMode, codeModeCases } from './callbacks/code-mode.ts';
import { discoveryCases } from './callbacks/discovery.ts';
import { gatewayCases } from './callbacks/gateway.ts';
import { httpClientCases } from './callbacks/http-client.ts';
import { connectionCases } from './callbacks/connection.ts';
import { processCases } from './callbacks/process.ts';
import { serverCases } from './callbacks/server.ts';
import { surroundingCases } from './callbacks/surroundings.ts';
import { thrownValues, type Case, type Cases, type Plant } from './callbacks/plant.ts';
import { consoleCases } from './callbacks/console.ts';
import { unguarded } from './callbacks/unguarded.ts';
import { eventually } from './support/eventually.ts';

const cases: Cases = {
  ...httpClientCases,
  ...processCases,
  ...connectionCases,
  ...gatewayCases,
  ...serverCases,
  ...codeModeCases,
  ...surroundingCases,
  ...consoleCases,
  ...auditCases,
  ...discoveryCases,
};

interface Reported {
  readonly where: string;
  /** The value, or what a log says of it. */
  readonly what: unknown;
}

/** Throws the value from the callback, and waits until that is reported under its name. */
async function throwFrom(t: TestContext, name: string, run: Case, value: unknown): Promise<void> {
  const reported: Reported[] = [];
  const plant: Plant = {
    value,
    throwIt: () => {
      throw value as Error;
    },
    rejectIt: async () => {
      throw value as Error;
    },
    onDefect: (what, where) => void reported.push({ where, what }),
    onLog: ({ message }) => {
      const [, where, what] = /^defect in ([^:]+): (.*)/s.exec(message) ?? [];
      if (where !== undefined) reported.push({ where, what });
    },
    t,
  };
  await run(plant);
  await eventually(() => {
    const found = reported.find(({ where }) => where === name);
    assert.ok(found, `nothing was reported of "${name}", but ${JSON.stringify(reported)}`);
    const isTheValue = found.what === value;
    assert.ok(isTheValue || messageOf(found.what).includes(messageOf(value)), messageOf(found.what));
  });
}

const sourceFolders =
  'src/{mcp,gateway,features,http,lib,protocol,telemetry,config,cli,server,discovery}/**/*.ts';
// The process of a script thread, and the commands that serve nothing, may end by an error.
const otherProcesses = new Set(['host.ts', 'worker.ts', 'star.ts', 'terminal.ts']);

interface SourceFile {
  readonly file: string;
  readonly text: string;
}

const sources: readonly SourceFile[] = globSync(sourceFolders, {
  cwd: join(import.meta.dirname, '..'),
})
  .filter((file) => !file.endsWith('.test.ts') && !otherProcesses.has(basename(file)))
  .map((file) => ({ file, text: readFileSync(join(import.meta.dirname, '..', file), 'utf8') }));

const guards = /(?:guarded|contain|report|tellEach|connectLater|onDefect)\((?:\w+, |\s*)'([^']+)'/g;
const registrations =
  /(?:\.(?:on|once|addEventListener)\(\s*'?(\w+)'?,|\b(setTimeout|setInterval|setImmediate)\()\s*(?=([\s\S]{0,80}))/g;
/** Callbacks of which it can be seen at a glance that nothing in them throws. */
const harmless = [
  /^guarded\(/,
  /^\(\) => (?:undefined|\{\})/,
  /^\(\) => (?:resolve|reject)\(/,
  /^(?:resolve|reject|timeUp\.resolve)\b/,
  /^\(\) => [\w.#?]+\.(?:delete|destroy|close|resume)\(/,
  // Of `node:timers/promises`: how long, and no callback.
  /^(?:\)|\d+|drainMs)/,
];

function* registeredIn({ file, text }: SourceFile): Generator<string> {
  const guardedNames = new Set([...text.matchAll(/const (\w+) = guarded\(/g)].map(([, name]) => name));
  for (const [, event, timer, callback = ''] of text.matchAll(registrations)) {
    if (harmless.some((shape) => shape.test(callback))) continue;
    if (guardedNames.has(/^\w+/.exec(callback)?.[0])) continue;
    yield `${basename(file)} ${event ?? timer}`;
  }
}

/** Promises that nothing waits for, by what makes them. */
function* droppedIn({ file, text }: SourceFile): Generator<string> {
  for (const [, maker] of text.matchAll(/(?<!return )\bvoid (?!process\.)([\w.#]+)\(/g)) {
    yield `${basename(file)} void ${maker}`;
  }
}

describe('the callbacks that input from outside reaches', () => {
  test('each guard has a case below, and each case its guard', () => {
    const named = sources.flatMap(({ text }) => [...text.matchAll(guards)].map(([, name]) => name));
    const tested = Object.keys(cases).map((name) => name.replace(/ \(.*\)$/, ''));
    assert.deepEqual(new Set(named), new Set(tested));
  });

  test('one without a guard is on the list of those that need none', () => {
    const found = sources.flatMap((source) => [...registeredIn(source), ...droppedIn(source)]);
    assert.deepEqual(new Set(found), new Set(Object.keys(unguarded)));
  });
});

test('no file takes a caught value for an Error', () => {
  const taken =
    /\bas (?:Error|NodeJS\.ErrnoException)\b|instanceof Error \?|String\((?:error|cause|thrown)\)/;
  const found = sources
    .filter(({ file }) => file !== 'src/lib/thrown.ts')
    .flatMap(({ file, text }) =>
      text.split('\n').flatMap((line) => (taken.test(line) ? `${file}: ${line.trim()}` : [])),
    );
  assert.deepEqual(found, []);
});

describe('an error thrown from a callback is reported, and nothing worse', { timeout: 300_000 }, () => {
  after(closeCodeMode);
  for (const [title, run] of Object.entries(cases)) {
    test(title, async (t) => {
      const name = title.replace(/ \(.*\)$/, '');
      await Promise.all(Object.values(thrownValues).map((value) => throwFrom(t, name, run, value())));
    });
  }
});
