/** The page itself: its HTML, its script and style sheet, and what a browser may do with them. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { messageOf } from '../../lib/thrown.ts';

interface Asset {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
}

/** The built page, ready to be served. */
export interface Page {
  readonly assets: readonly Asset[];
  readonly script: string;
  readonly style: string;
}

const built = join(import.meta.dirname, '../../../dist/console');

/**
 * Reads what `npm run build` made.
 * @param folder where it is: of the package, unless given
 * @throws with words for the operator where there is nothing
 */
export function readPage(folder: string = built): Page {
  const [script, style] = (
    [
      ['app.js', 'text/javascript; charset=utf-8'],
      ['app.css', 'text/css; charset=utf-8'],
    ] as const
  ).map(([name, type]): Asset => {
    const body = readFileSync(join(folder, name));
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 12);
    return { path: `/console/assets/${hash}/${name}`, type, body };
  }) as [Asset, Asset];
  return { assets: [script, style], script: script.path, style: style.path };
}

/** The page, or why there is none: a server without it still serves. */
export function tryReadPage(folder?: string): Page | { readonly fault: string } {
  try {
    return readPage(folder);
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

/** Answers with the page. It is given out anew each time: it carries the token of this start. */
export function sendPage(response: ServerResponse, page: Page, pageToken: string): void {
  const nonce = randomBytes(16).toString('base64url');
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="vmcp-token" content="${pageToken}">
<meta name="vmcp-nonce" content="${nonce}">
<title>vmcp</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${page.style}">
<script type="module" src="${page.script}"></script>
</head>
<body><div id="app"></div><noscript>This page needs JavaScript. /status tells the same as JSON.</noscript></body>
</html>
`;
  response.writeHead(200, {
    ...safeHeaders(nonce),
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(response.req.method === 'HEAD' ? undefined : html);
}

/** Answers with a part of the page. Its path changes with its content. */
export function sendAsset(request: IncomingMessage, response: ServerResponse, page: Page): boolean {
  const path = (request.url ?? '').split('?')[0];
  const asset = page.assets.find((each) => each.path === path);
  if (asset === undefined) return false;
  const { type, body } = asset;
  response.writeHead(200, {
    'content-type': type,
    'content-length': body.length,
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  return true;
}

/** Nothing but this server's own script runs; nothing is asked of any other server; no other page may frame this one. */
function safeHeaders(nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };
}
