import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stem, WordIndex, wordsOf, type SearchDocument } from './word-search.ts';

function doc(name: string, text = ''): SearchDocument {
  return {
    names: [name],
    fields: [
      { text: name, weight: 3 },
      { text, weight: 1 },
    ],
  };
}

const documents = [
  doc('logs_query', 'Queries log lines of a service, such as errors, over a time range.'),
  doc('github_list_issues', 'Lists the issues of a repository.'),
  doc('jira_search', 'Searches issues by text.'),
  doc('theater_lookup', 'Another theme: thermal ferries, forests and hourglasses.'),
  doc('calendar_create_event', 'Creates an event that lasts an hour.'),
  doc('alerts-list', 'Lists alerts of the last hours.'),
  doc('search', 'Searches the web.'),
];
const index = WordIndex.of(documents);
const find = (query: string): string[] => index.search(query, 20).map((at) => documents[at]!.names[0]);

describe('a search', () => {
  test('takes whole words alone: pieces of words find nothing', () => {
    const found = find('the errors for the last hour');
    assert.equal(found.includes('theater_lookup'), false);
    assert.deepEqual(found.toSorted(), ['alerts-list', 'calendar_create_event', 'logs_query']);
    assert.deepEqual(find('err'), []);
  });

  test('takes the forms of a word for one', () => {
    assert.equal(find('querying logs')[0], 'logs_query');
    assert.equal(find('create events')[0], 'calendar_create_event');
    assert.equal(find('searched')[0], 'search');
  });

  const first: readonly [query: string, name: string][] = [
    ['search', 'search'],
    ['Jira_Search', 'jira_search'],
    ['github list issues', 'github_list_issues'],
    ['list issues', 'github_list_issues'],
    ['alerts-list', 'alerts-list'],
    ['how do I use jira_search with issues of a repository', 'jira_search'],
  ];
  for (const [query, name] of first)
    test(`"${query}" has ${name} first`, () => assert.equal(find(query)[0], name));

  test('holds rare words for more than common ones, and a name for more than a text', () => {
    assert.equal(find('issues repository')[0], 'github_list_issues');
    assert.equal(find('alerts lists')[0], 'alerts-list');
  });

  test('takes common words for words where there are no others', () => {
    assert.deepEqual(find('the'), find('the '));
    assert.ok(find('the').length > 0);
  });

  test('without a word finds all, by name, and gives no more than the limit', () => {
    assert.deepEqual(find(' - '), documents.map(({ names }) => names[0]).toSorted());
    assert.equal(index.search('', 3).length, 3);
    assert.equal(index.search('lists', 1).length, 1);
  });

  test('of nothing finds nothing', () => {
    assert.deepEqual(WordIndex.of([]).search('anything', 5), []);
    assert.deepEqual(WordIndex.of([]).search('', 5), []);
  });

  test('does not depend on the order of documents', () => {
    const reversed = documents.toReversed();
    const other = WordIndex.of(reversed);
    for (const query of ['issues', 'lists', 'search issues', 'hour'])
      assert.deepEqual(
        other.search(query, 20).map((at) => reversed[at]!.names[0]),
        find(query),
      );
  });

  test('built in pieces finds the same, and a piece is no more than some texts', () => {
    const many = Array.from({ length: 100 }, (_, at) => doc(`tool_${at}`, `Lists issue ${at} `.repeat(50)));
    const pieces = WordIndex.inPieces(many);
    let count = 0;
    for (;;) {
      const { done, value } = pieces.next();
      if (done === true) {
        assert.deepEqual(value.search('issue 7', 3), WordIndex.of(many).search('issue 7', 3));
        break;
      }
      count++;
    }
    assert.ok(count >= 20, `${count} pieces`);
  });

  test('tells beforehand what it goes through: each document once for each word that it has', () => {
    assert.equal(index.reach('issues'), 2);
    assert.equal(index.reach('issues, lists'), 2 + 2);
    assert.equal(index.reach('nowhere'), 0);
    assert.equal(index.reach(''), documents.length);
  });

  test('is not confused by names that objects have of their own', () => {
    assert.deepEqual(find('constructor'), []);
    assert.deepEqual(find('__proto__'), []);
  });
});

describe('words', () => {
  test('end where letters end and where camelCase turns', () => {
    assert.deepEqual(wordsOf('createPullRequest v2.1/Größe_x'), [
      'create',
      'pull',
      'request',
      'v2',
      '1',
      'größe',
      'x',
    ]);
  });

  const same: readonly (readonly string[])[] = [
    ['issue', 'issues'],
    ['query', 'queries', 'querying', 'queried'],
    ['create', 'creates', 'created', 'creating'],
    ['list', 'lists', 'listed', 'listing'],
    ['run', 'runs', 'running'],
    ['branch', 'branches'],
    ['search', 'searches', 'searching'],
  ];
  for (const forms of same)
    test(`${forms.join(', ')} are one`, () =>
      assert.equal(new Set(forms.map(stem)).size, 1, forms.map(stem).join()));

  const apart: readonly (readonly [string, string])[] = [
    ['bus', 'bu'],
    ['status', 'statu'],
    ['class', 'clas'],
    ['thing', 'th'],
    ['this', 'thi'],
    ['red', 'r'],
  ];
  for (const [one, other] of apart)
    test(`${one} and ${other} are not`, () => assert.notEqual(stem(one), stem(other)));
});

test('5,000 tools are searched in under 2 ms', () => {
  const verbs = ['list', 'get', 'create', 'update', 'delete', 'search', 'close', 'merge', 'export', 'import'];
  const nouns = [
    'issue',
    'pull request',
    'log',
    'alert',
    'event',
    'invoice',
    'user',
    'file',
    'branch',
    'metric',
  ];
  const many = Array.from({ length: 5000 }, (_, at) => {
    const [verb, noun] = [verbs[at % 10]!, nouns[Math.floor(at / 10) % 10]!];
    const text =
      `${verb}s the ${noun}s of tenant ${at % 97}, by name, by time and by owner. Pages of 100. `.repeat(3);
    return doc(`backend${at % 50}_${verb}_${noun.replace(' ', '_')}_${at}`, text);
  });
  const large = WordIndex.of(many);
  const queries = [
    'the errors for the last hour',
    'list issues',
    'tenant pages by owner',
    'backend7_close_log_1234',
  ];
  const times = Array.from({ length: 60 }, (_, run) => {
    const startedAt = performance.now();
    large.search(queries[run % queries.length]!, 20);
    return performance.now() - startedAt;
  }).sort((a, b) => a - b);
  const middle = times[30]!;
  assert.ok(middle < 2, `the middle of 60 searches took ${middle.toFixed(2)} ms`);
});
