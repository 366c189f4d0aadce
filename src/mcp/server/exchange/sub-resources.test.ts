import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesOf } from './sub-resources.ts';

test('a resource is part of every place that it lies in, and of none that only begins alike', () => {
  const places = placesOf('file:///a/b.txt?x=1#top');
  for (const place of [
    'file:///a/b.txt?x=1#top',
    'file:///a/b.txt?x=1',
    'file:///a/b.txt',
    'file:///a/',
    'file:///a',
    'file:///',
  ]) {
    assert.ok(places.includes(place), place);
  }
  for (const other of ['file:///a/b', 'file:///a/b.tx', 'file:///a/b.txt/', 'other:///a']) {
    assert.ok(!places.includes(other), other);
  }
});

test('a URI without parts is a place of its own, and one of too many parts has no more than others', () => {
  assert.deepEqual(placesOf('x'), ['x']);
  assert.ok(placesOf('/'.repeat(100_000)).length < 200);
});
