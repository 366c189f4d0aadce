/**
 * What ToolHive's operator puts into the ConfigMap of a VirtualMCPServer is read as it is. The fixtures are what it renders
 * of its example manifests, written by hand in the form of its YAML.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ConfigError } from '../../src/config/index.ts';
import { configReader } from '../../src/server/index.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'test/fixtures/toolhive/rendered');
const environment = {
  VMCP_OIDC_CLIENT_SECRET: 'client-secret',
  TOOLHIVE_HEADER_INJECTION_VALUE_FETCH_AUTH: 'header-value',
};
const all = readdirSync(folder).map((file) => file.replace('.yaml', ''));
const refused = all.filter((name) => name.startsWith('refused-'));

function read(name: string): ReturnType<typeof configReader.parse> {
  const text = readFileSync(join(folder, `${name}.yaml`), 'utf8');
  return configReader.parse(text, { file: '/etc/vmcp-config/config.yaml', environment });
}

describe('the configuration that the operator renders', () => {
  for (const name of all.filter((each) => !refused.includes(each))) {
    test(`of the example ${name} is read without an error, and looks for its group`, () => {
      const { config, warnings } = read(name);
      assert.equal(config.discovery?.group, name === 'inline-backends' ? undefined : config.groupRef);
      assert.deepEqual(
        warnings
          .map(({ message }) => message)
          .filter((message) => !message.startsWith('statusReportingInterval')),
        [],
      );
    });
  }

  for (const [name, key] of [
    ['refused-optimizer', 'optimizer'],
    ['refused-composite-tool', 'compositeTools'],
  ] as const) {
    test(`of an example with ${key} is refused by the name of the key`, () => {
      assert.throws(
        () => read(name),
        (error) =>
          error instanceof ConfigError &&
          error.problems.some(({ message }) => message.startsWith(`"${key}"`)),
      );
    });
  }
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly { readonly then?: Schema | undefined }[];
  readonly not?: object;
}

const schema = configReader.toJsonSchema() as Schema;

/** Whether the published schema has a key, such as `aggregation.tools[].filter`. */
function works(path: string): boolean {
  let nodes = [schema];
  for (const step of path.replaceAll('[]', '.[]').split('.'))
    nodes = nodes.flatMap((node) => below(node, step)).filter(({ not }) => !refusesAll(not));
  return nodes.length > 0;
}

/** `not: {}` refuses every value: the key is known, and not built. */
function refusesAll(not: object | undefined): boolean {
  return not !== undefined && Object.keys(not).length === 0;
}

/** The parts that each say something of the same value. */
function partsOf(node: Schema): Schema[] {
  const where = (node.allOf ?? []).flatMap(({ then }) => then ?? []);
  return [node, ...[...(node.oneOf ?? []), ...(node.anyOf ?? []), ...where].flatMap(partsOf)];
}

function below(node: Schema, step: string): Schema[] {
  return partsOf(node).flatMap((each) => {
    const { additionalProperties: map } = each;
    const found =
      step === '[]'
        ? each.items
        : step === '*'
          ? typeof map === 'object'
            ? map
            : undefined
          : each.properties?.[step];
    return found === undefined ? [] : [found];
  });
}

describe('docs/deploy/toolhive.md', () => {
  const page = readFileSync(join(root, 'docs/deploy/toolhive.md'), 'utf8');
  const keys = readFileSync(join(root, 'test/fixtures/toolhive/config-keys.txt'), 'utf8').trim().split('\n');
  const blocks = Map.groupBy(keys, (key) => key.replace(/[.[].*/, ''));

  for (const [block, its] of blocks) {
    test(`says how many keys of ${block} work, and which do not`, () => {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${block}\` `));
      assert.ok(row !== undefined, `expected a row for ${block}`);
      const [, , work, total, rest = ''] = row.split('|').map((cell) => cell.trim());
      assert.deepEqual([Number(work), Number(total)], [its.filter(works).length, its.length]);
      for (const key of its.filter((each) => !works(each))) {
        const named = [...rest.matchAll(/`([^`]+)`/g)].some(([, name = '']) => key.includes(name));
        assert.ok(named || Number(work) === 0, `${key} does not work, and the row does not say so`);
      }
    });
  }

  test('says how many keys work in all', () => {
    assert.match(page, new RegExp(`\\b${keys.filter(works).length} of ${keys.length} keys\\b`));
  });
});
