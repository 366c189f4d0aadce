import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scriptOptions, specOptions } from '../options.ts';
import { parse } from '../syntax/parser.ts';
import { Source } from '../syntax/source.ts';
import { resolve, type Resolved } from './resolver.ts';
import type { Variable } from './scope.ts';

function resolveText(text: string, options: { isScript: boolean } = { isScript: true }): Resolved {
  const source = new Source('test.star', text);
  const fileOptions = options.isScript ? scriptOptions : specOptions;
  const { file, diagnostics } = parse(source, fileOptions);
  assert.deepEqual(diagnostics, []);
  const environment = {
    predeclared: new Set(['host', 'given', 'github_list_issues', 'jira_list_boards', 'trello_list_boards']),
    variables: new Set(['given']),
    universal: new Set(['len', 'host', 'range']),
    hints: new Map([['data', 'its keys are variables']]),
    members: null,
  };
  return resolve(file, source, fileOptions, environment);
}

/** The variable of this name among the locals of all scopes and what is handed in. */
function variable(resolved: Resolved, name: string): Variable {
  assert.deepEqual(resolved.diagnostics, []);
  const all = [...resolved.scopes.flatMap(({ locals }) => locals), ...resolved.used];
  const found = all.filter((candidate) => candidate.name === name);
  assert.equal(found.length, 1, `${found.length} variables are called ${name}`);
  return found[0]!;
}

describe('the resolver', () => {
  test('hands in what the program uses and does not bind, in order of first use', () => {
    const { used } = resolveText('x = len([])\ny = host\nz = len');
    assert.deepEqual(
      used.map(({ name, kind }) => `${kind} ${name}`),
      ['universal len', 'predeclared host'],
    );
  });

  test('hands in the first value of a variable that it was given and that the file binds', () => {
    const { used } = resolveText('given = given + 1\nhost = 2');
    assert.deepEqual(
      used.map(({ name, kind }) => `${kind} ${name}`),
      ['global given'],
    );
  });

  test('takes a variable as the file’s even where it is used before it is bound', () => {
    assert.equal(variable(resolveText('def f():\n  return x\nx = 1'), 'x').kind, 'global');
  });

  const unknown: [string, string][] = [
    ['github.list_issues()', 'github (did you mean `github_list_issues`?)'],
    ['x = tools.github.list_issues', 'tools (did you mean `github_list_issues`?)'],
    ['x = tools.github_list_issues', 'tools (did you mean `github_list_issues`?)'],
    ['github-list_issues()', 'github (did you mean `github_list_issues`?)'],
    ['list_issues()', 'list_issues (did you mean `github_list_issues`?)'],
    ['list_boards()', 'list_boards (did you mean `jira_list_boards` or `trello_list_boards`?)'],
    ['x = list_boards', 'list_boards'],
    ['x = lenn', 'lenn (did you mean `len`?)'],
    ['x = data["a"]', 'data; its keys are variables'],
    ['x = datetime.now()', 'datetime; write time.now(), time.parse_time(text), t - time.parse_duration'],
    ['x = KeyError', 'KeyError; fail("message") stops the script'],
  ];
  for (const [text, message] of unknown) {
    test(`says of ${text}: undefined: ${message}`, () => {
      const [first] = resolveText(text).diagnostics;
      assert.equal(first?.message.slice(0, 11 + message.length), `undefined: ${message}`);
    });
  }

  test('compares no more unknown names with the known ones than anybody reads about', () => {
    let looks = 0;
    class Watched extends Set<string> {
      override [Symbol.iterator](): SetIterator<string> {
        looks++;
        return super[Symbol.iterator]();
      }
    }
    const text = `x = [${Array.from({ length: 5000 }, (_, at) => `unknown${at}`).join(', ')}]`;
    const source = new Source('test.star', text);
    const environment = {
      predeclared: new Watched(['known']),
      variables: new Set<string>(),
      universal: new Set<string>(),
      hints: new Map<string, string>(),
      members: null,
    };
    const { diagnostics } = resolve(parse(source, scriptOptions).file, source, scriptOptions, environment);
    assert.equal(diagnostics.length, 10);
    assert.ok(looks > 0 && looks <= 50, `${looks} looks`);
  });

  test('says once of each name that there is none', () => {
    const { diagnostics } = resolveText('x = nowhere\ny = nowhere + elsewhere\nz = nowhere');
    assert.deepEqual(
      diagnostics.map(({ message }) => message),
      ['undefined: nowhere', 'undefined: elsewhere'],
    );
  });

  test('keeps a comprehension’s variable to itself', () => {
    const { diagnostics } = resolveText('y = [x for x in [1]]\nz = x');
    assert.match(diagnostics[0]!.message, /undefined: x/);
  });

  test('evaluates the first iterable of a comprehension outside of it', () => {
    const resolved = resolveText('x = [[1]]\ny = [x for x in x]');
    const named = resolved.scope.locals.filter(({ name }) => name === 'x');
    assert.deepEqual(
      named.map(({ isInComprehension }) => isInComprehension),
      [false, true],
    );
  });

  test('notes what a function takes from those around it, through as many as there are', () => {
    const resolved = resolveText('def f(a):\n  def g():\n    return lambda: a\n  return g');
    const taken = variable(resolved, 'a');
    assert.ok(taken.isCaptured);
    const [, f, ...inner] = resolved.scopes;
    assert.equal(f!.captures.size, 0);
    assert.deepEqual(
      inner.map(({ captures }) => [...captures]),
      [[taken], [taken]],
    );
  });

  test('knows the function that a variable holds while one def alone binds it', () => {
    assert.notEqual(variable(resolveText('def f():\n  pass\nf()'), 'f').definition, null);
    assert.equal(variable(resolveText('def f():\n  pass\nf = 1'), 'f').definition, null);
  });

  test('knows whether a function is used other than by calling it', () => {
    assert.equal(variable(resolveText('def f():\n  pass\nf()'), 'f').escapes, false);
    assert.equal(variable(resolveText('def f():\n  pass\nx = [f]'), 'f').escapes, true);
  });

  test('knows which functions loop', () => {
    const { scopes } = resolveText(
      'def f():\n  return [x for x in []]\ndef g():\n  for x in []:\n    pass\ndef h():\n  pass',
    );
    assert.deepEqual(
      scopes.map(({ hasLoop }) => hasLoop),
      [false, true, true, false],
    );
  });

  test('reports what the plain specification leaves out, and only there', () => {
    const text = 'for x in []:\n  pass\nx = 1\nx = 2';
    assert.deepEqual(resolveText(text).diagnostics, []);
    assert.ok(resolveText(text, { isScript: false }).diagnostics.length >= 2);
  });
});
