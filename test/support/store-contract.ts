import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreError } from '../../src/storage/index.ts';
import type { Store } from '../../src/storage/index.ts';
import { eventually } from './eventually.ts';

/** Stores of two processes that share one content, and how to let time pass. */
export interface StoreUnderTest {
  readonly one: Store;
  readonly other: Store;
  pass(ms: number): Promise<void>;
}

/** What every adapter of the store promises. */
export function storeContract(start: () => Promise<StoreUnderTest>): void {
  const long = { ttlMs: 60_000 };

  test('a value is read by every process, until it is deleted', async () => {
    const { one, other } = await start();
    assert.equal(await other.get('a'), undefined);
    assert.equal(await one.set('a', 'text, "quoted", ünïcode', long), true);
    assert.equal(await other.get('a'), 'text, "quoted", ünïcode');
    await other.delete('a');
    assert.equal(await one.get('a'), undefined);
  });

  test('a value ends after its time, and is there until then', async () => {
    const { one, pass } = await start();
    await one.set('b', '1', { ttlMs: 400 });
    assert.equal(await one.get('b'), '1');
    await pass(600);
    assert.equal(await one.get('b'), undefined);
  });

  test('a value lives on that is extended, and what is not there is not', async () => {
    const { one, pass } = await start();
    await one.set('c', '1', { ttlMs: 400 });
    assert.equal(await one.extend('c', 60_000), true);
    await pass(600);
    assert.equal(await one.get('c'), '1');
    assert.equal(await one.extend('none', 60_000), false);
    assert.equal(await one.get('none'), undefined);
  });

  test('of several claims at once one succeeds', async () => {
    const { one, other } = await start();
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? one : other).set('d', String(index), { ...long, onlyIfAbsent: true }),
      ),
    );
    assert.equal(claims.filter(Boolean).length, 1);
    assert.equal(await one.get('d'), String(claims.indexOf(true)));
  });

  test('a value is taken once', async () => {
    const { one, other } = await start();
    await one.set('e', 'v', long);
    const taken = await Promise.all([one.take('e'), other.take('e'), one.take('e')]);
    assert.deepEqual(
      taken.filter((value) => value !== undefined),
      ['v'],
    );
  });

  test('a record keeps the fields that a change does not name', async () => {
    const { one, other } = await start();
    assert.deepEqual({ ...(await one.fields('f')) }, {});
    await Promise.all([one.change('f', { a: '1' }, 60_000), other.change('f', { b: '2', c: '3' }, 60_000)]);
    await one.change('f', { b: null, c: '4' }, 60_000);
    assert.deepEqual({ ...(await other.fields('f')) }, { a: '1', c: '4' });
    await one.change('f', { a: null, c: null }, 60_000);
    assert.deepEqual({ ...(await other.fields('f')) }, {});
    assert.equal(await one.extend('f', 1_000), false);
  });

  test('a record ends after the time of its last change', async () => {
    const { one, pass } = await start();
    await one.change('g', { a: '1' }, 60_000);
    await one.change('g', { b: '2' }, 400);
    await pass(600);
    assert.deepEqual({ ...(await one.fields('g')) }, {});
  });

  test('a key that holds something of another kind is an error that says so', async () => {
    const { one } = await start();
    await one.set('h', '1', long);
    await assert.rejects(
      one.fields('h'),
      (error: unknown) => error instanceof StoreError && error.code === 'refused',
    );
    await assert.rejects(one.change('h', { a: '1' }, 1_000), { name: 'StoreError', code: 'refused' });
  });

  test('a message reaches each listener of its channel, in order, and the sender hears how many there are', async () => {
    const { one, other } = await start();
    const heard: string[] = [];
    assert.equal(await one.publish('news', 'too early'), 0);
    const stop = await other.subscribe('news', (message) => heard.push(`other ${message}`));
    const stopOwn = await one.subscribe('news', (message) => heard.push(`one ${message}`));
    await other.subscribe('elsewhere', (message) => heard.push(`elsewhere ${message}`));
    assert.equal(await one.publish('news', '1'), 2);
    await one.publish('news', '2');
    await eventually(() => assert.equal(heard.length, 4), 5_000);
    assert.deepEqual(heard.toSorted(), ['one 1', 'one 2', 'other 1', 'other 2']);
    assert.ok(heard.indexOf('other 1') < heard.indexOf('other 2'));
    await stop();
    await stopOwn();
    assert.equal(await one.publish('news', '3'), 0);
  });

  test('a store that is closed refuses, and does not hang', async () => {
    const { one } = await start();
    await one.close();
    assert.equal(one.available, false);
    await assert.rejects(one.get('a'), { name: 'StoreError', code: 'unavailable' });
    await assert.rejects(one.set('a', '1', long), { code: 'unavailable' });
    await assert.rejects(one.publish('a', '1'), { code: 'unavailable' });
  });
}
