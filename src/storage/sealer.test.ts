import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sealer } from './sealer.ts';

const secret = (letter: string): Uint8Array => Buffer.from(letter.repeat(32));
const about = ['space', 'name', 'alice'];

test('a sealed text opens for every replica with the same secret', () => {
  const sealed = new Sealer([secret('a')]).seal('session', 'ünïcode', about);
  assert.match(sealed, /^[\w.-]+$/u);
  assert.equal(new Sealer([secret('a')]).open('session', sealed, about), 'ünïcode');
});

test('the same text is sealed differently each time, and its length alone can be told', () => {
  const sealer = new Sealer([secret('a')]);
  assert.notEqual(sealer.seal('session', 'x', about), sealer.seal('session', 'x', about));
});

test('a sealed text opens for nothing else', () => {
  const sealer = new Sealer([secret('a')]);
  const sealed = sealer.seal('session', 'text', about);
  const changed = `${sealed.slice(0, -2)}${sealed.at(-2) === 'A' ? 'B' : 'A'}${sealed.at(-1)}`;
  assert.equal(new Sealer([secret('b')]).open('session', sealed, about), undefined);
  assert.equal(sealer.open('message', sealed, about), undefined);
  assert.equal(sealer.open('session', sealed, ['space', 'name', 'mallory']), undefined);
  assert.equal(sealer.open('session', sealed, ['space', 'name,alice']), undefined);
  for (const other of [changed, '', '.', 'x.y', sealed.slice(0, 20), `x${sealed}`])
    assert.equal(sealer.open('session', other, about), undefined, other);
});

test('while a secret is replaced, what either sealed opens, and the first seals', () => {
  const [old, both, fresh] = [[secret('a')], [secret('b'), secret('a')], [secret('b')]].map(
    (keys) => new Sealer(keys),
  );
  const sealed = old!.seal('session', 'text', about);
  assert.equal(both!.open('session', sealed, about), 'text');
  assert.equal(fresh!.open('session', both!.seal('session', 'text', about), about), 'text');
  assert.equal(fresh!.open('session', sealed, about), undefined);
  assert.equal(both!.isSigned(old!.sign(about), about), true);
});

test('a signature holds for its parts alone', () => {
  const sealer = new Sealer([secret('a')]);
  const signature = sealer.sign(['a', 'b']);
  assert.equal(sealer.isSigned(signature, ['a', 'b']), true);
  assert.equal(sealer.isSigned(signature, ['ab']), false);
  assert.equal(sealer.isSigned('', ['a', 'b']), false);
});
