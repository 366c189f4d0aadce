import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hrefTo, packText, readRoute, unpackText } from './route.ts';

test('a place in the page is read from the fragment that leads to it', () => {
  const { screen, parameters } = readRoute(hrefTo('tools', { tool: 'a&b' }));
  assert.equal(screen, 'tools');
  assert.equal(parameters.get('tool'), 'a&b');
  assert.equal(readRoute('').screen, 'overview');
  assert.equal(readRoute('#/elsewhere').screen, 'overview');
});

test('a script in a link comes out as it went in, whatever is in it', () => {
  const script = 'return "ä 🙂 & = + /"\n';
  assert.equal(unpackText(packText(script)), script);
  assert.match(packText(script), /^[\w-]+$/);
  assert.equal(unpackText('%%%'), undefined);
});
