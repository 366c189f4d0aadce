import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { CatalogTool } from '../shared/catalog.ts';
import { ToolSearch } from './search.ts';

function tool(name: string, description = '', properties: readonly string[] = []): CatalogTool {
  const schema = Object.fromEntries(properties.map((property) => [property, {}]));
  return { name, identifier: name, description, inputSchema: { type: 'object', properties: schema } };
}

const tools = [
  tool('github_list_issue'),
  tool('github_createPullRequest'),
  tool('jira_find', 'Finds issues of a project.'),
  tool('clock', '', ['time_zone']),
  tool('bus', 'The bus that goes next.'),
];

async function find(among: readonly CatalogTool[], text: string): Promise<string[]> {
  const search = new ToolSearch(among);
  const index = await search.build(() => turn());
  return search.find(index, text).map(({ name }) => name);
}

describe('search_tools', () => {
  const cases: [string, string, string[]][] = [
    ['matches names before descriptions', 'issue', ['github_list_issue', 'jira_find']],
    ['takes several for one', 'list issues', ['github_list_issue', 'jira_find']],
    ['takes words apart that a name joins', 'pull request', ['github_createPullRequest']],
    ['looks at parameters', 'zone', ['clock']],
    ['looks for short words only whole', 'bu', []],
    ['finds a short word that ends in s', 'bus', ['bus']],
    ['finds nothing where no word is known', 'weather', []],
    ['finds every tool for no word', ' - ', tools.map(({ name }) => name).sort()],
  ];
  for (const [title, text, expected] of cases) {
    test(title, async () => assert.deepEqual(await find(tools, text), expected));
  }

  test('gives no more than twenty', async () => {
    const many = Array.from({ length: 50 }, (_, at) => tool(`tool_${at}`));
    assert.equal((await find(many, 'tool')).length, 20);
  });

  test('lets others have their turn while the index of many tools is made', async () => {
    const many = Array.from({ length: 5000 }, (_, at) =>
      tool(`tool_${at}`, `Lists the issues of ${at}. `.repeat(10)),
    );
    const search = new ToolSearch(many);
    let turns = 0;
    await search.build(() => {
      turns++;
      return turn();
    });
    assert.ok(turns > 10, `${turns} turns`);
    assert.ok(search.index);
  });

  test('goes on with the index where a search that was ended has left it', async () => {
    const many = Array.from({ length: 2000 }, (_, at) => tool(`tool_${at}`, 'Lists the issues. '.repeat(20)));
    const search = new ToolSearch(many);
    const ended = new Error('ended');
    await assert.rejects(
      search.build(() => Promise.reject(ended)),
      ended,
    );
    assert.equal(search.index, undefined);
    const [one, other] = await Promise.all([search.build(() => turn()), search.build(() => turn())]);
    assert.equal(one, other);
    assert.equal(search.find(one, 'tool_1999')[0]?.name, 'tool_1999');
  });
});
