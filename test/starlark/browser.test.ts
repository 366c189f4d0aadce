/**
 * The interpreter in a real browser: all chunks that hold for it under Node, by the same judge, from the same files.
 * Types are stripped on the way to the browser, as Node strips them on the way to itself.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium, type Browser, type Page } from 'playwright-core';
import { skipWithout } from '../support/counterpart.ts';
import { readChunks, type Chunk } from './chunks.ts';
import type { Dialect } from './dialects.ts';
import { skipWithoutSuite, specificationSuite } from './specification-suite.ts';

const root = join(import.meta.dirname, '../..');
const served = /^\/(?:src\/starlark|test\/starlark)\/[\w./-]+\.ts$/;

describe('Starlark in a browser', { skip: skipWithout('chromium') }, () => {
  const server = createServer(({ url = '' }, response) => {
    if (url === '/') return void response.setHeader('content-type', 'text/html').end('<!doctype html>');
    if (!served.test(url)) return void response.writeHead(404).end();
    response.setHeader('content-type', 'text/javascript');
    response.end(stripTypeScriptTypes(readFileSync(join(root, url), 'utf8')));
  });
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });

  after(async () => {
    await browser?.close();
    server.close();
  });

  /** The chunks that do not come out as they should, with what is wrong. */
  async function failuresOf(chunks: readonly Chunk[], dialect: Dialect): Promise<string[]> {
    return await page.evaluate(
      async ({ chunks, dialect }) => {
        const path = (name: string): string => `/test/starlark/${name}`;
        const { judge } = (await import(path('run-chunk.ts'))) as typeof import('./run-chunk.ts');
        const { dialects } = (await import(path('dialects.ts'))) as typeof import('./dialects.ts');
        const failures: string[] = [];
        for (const chunk of chunks) {
          const verdict = await judge(chunk, dialects[dialect]);
          if (verdict !== undefined) failures.push(`${chunk.name}: ${verdict}`);
        }
        return failures;
      },
      { chunks, dialect },
    );
  }

  for (const dialect of ['spec', 'script', 'python'] as const) {
    test(`is what it is under Node, for ${dialect}`, async () => {
      const chunks = readChunks(join(import.meta.dirname, dialect));
      assert.ok(chunks.length > 5);
      assert.deepEqual(await failuresOf(chunks, dialect), []);
      assert.deepEqual(complaints, []);
    });
  }

  test('passes the specification’s own suite', { skip: skipWithoutSuite() }, async () => {
    const chunks = readChunks(specificationSuite);
    assert.ok(chunks.length > 400);
    assert.deepEqual(await failuresOf(chunks, 'spec'), []);
  });
});
