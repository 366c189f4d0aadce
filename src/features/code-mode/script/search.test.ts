import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
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
    test(title, () =>
      assert.deepEqual(
        new ToolSearch(tools).find(text).map(({ name }) => name),
        expected,
      ),
    );
  }

  test('gives no more than twenty', () => {
    const many = Array.from({ length: 50 }, (_, at) => tool(`tool_${at}`));
    assert.equal(new ToolSearch(many).find('tool').length, 20);
  });
});
