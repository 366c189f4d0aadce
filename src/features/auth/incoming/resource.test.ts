import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { metadataUrlOf, resourceOf, type ResourceTerms } from './resource.ts';

describe('the URL of the resource, and of its metadata', () => {
  const request = { url: '/', headers: { host: 'localhost:4483' }, rawHeaders: [], socket: {} };
  const wellKnown = '/.well-known/oauth-protected-resource';
  const cases: [title: string, terms: ResourceTerms, resource?: string, metadata?: string][] = [
    [
      'are what the file says',
      { resource: 'https://a.example/x', audience: 'aud', site: { isLoopback: false } },
      'https://a.example/x',
      `https://a.example${wellKnown}/x`,
    ],
    [
      'lie below publicUrl',
      {
        audience: 'https://aud.example',
        site: { isLoopback: false, publicUrl: 'https://b.example/gw' },
      },
      'https://b.example/gw/mcp',
      `https://b.example/gw${wellKnown}/mcp`,
    ],
    [
      'are those of the audience where that is a URL',
      { audience: 'https://c.example/mcp', site: { isLoopback: false } },
      'https://c.example/mcp',
      `https://c.example${wellKnown}/mcp`,
    ],
    [
      'are those of the request on loopback',
      { audience: 'aud', site: { isLoopback: true } },
      'http://localhost:4483/mcp',
      `http://localhost:4483${wellKnown}/mcp`,
    ],
    ['are not made of the Host header elsewhere', { audience: 'aud', site: { isLoopback: false } }],
  ];
  for (const [title, terms, resource, metadata] of cases) {
    test(title, () => {
      assert.equal(resourceOf(terms, request), resource);
      assert.equal(metadataUrlOf(terms, request), metadata);
    });
  }
});
