import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { MetricsText, Pacer } from './metrics-text.ts';
import type { Format } from './text-format.ts';

/**
 * Writing `/metrics` gives way to other work of the thread after this long. A turn of the event loop may hold two slices,
 * one after a write to the socket and one after a pause, and is to stay well under 10 ms.
 */
const sliceMs = 2.5;

const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Answers a scrape. Rejects only when collecting fails; a scraper that goes away ends the work. */
export type MetricsHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface MetricsHandlerOptions {
  readonly collect: () => Promise<ResourceMetrics>;
  readonly text: MetricsText;
}

export function createMetricsHandler({ collect, text }: MetricsHandlerOptions): MetricsHandler {
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response
        .writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain; charset=utf-8' })
        .end('expected GET\n');
      return;
    }
    const format = negotiateFormat(request.headers.accept);
    const gzip = acceptsGzip(request.headers['accept-encoding']);
    response.writeHead(200, {
      'content-type': contentTypes[format],
      ...(gzip && { 'content-encoding': 'gzip' }),
      vary: 'accept, accept-encoding',
    });
    if (request.method === 'HEAD') return void response.end();
    const pieces = text.write(await collect(), format, createPacer());
    await (gzip ? sendGzipped(pieces, response) : send(pieces, response));
  };
}

async function send(pieces: AsyncIterable<Buffer>, response: Writable): Promise<void> {
  for await (const piece of pieces) {
    if (!(await isSent(response, piece))) return;
  }
  response.end();
}

/** Compression runs on the thread pool of Node, so it costs the main thread next to nothing. */
async function sendGzipped(pieces: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
  const gzip = createGzip({ level: 1, chunkSize: 64 * 1024 });
  // What fails half-way is cut off, so that no scraper takes it for the whole.
  gzip.on('error', () => response.destroy()).pipe(response);
  response.once('close', () => gzip.destroy());
  await send(pieces, gzip);
}

/** Waits until the piece is out of our hands. False when the scraper has gone away. */
function isSent(stream: Writable, piece: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    stream.once('close', gone);
    function gone(): void {
      resolve(false);
    }
    stream.write(piece, (error) => {
      stream.off('close', gone);
      resolve(error === null || error === undefined);
    });
  });
}

function createPacer(): Pacer {
  let sliceStart = performance.now();
  return {
    isDue: () => performance.now() - sliceStart >= sliceMs,
    async pause() {
      await setImmediate();
      sliceStart = performance.now();
    },
  };
}

/**
 * OpenMetrics when the client names it with a quality no lower than plain text's, else Prometheus text, which is what a
 * browser, curl and old scrapers want. A version of OpenMetrics other than 1.0.0 and 0.0.1 is not spoken here.
 */
export function negotiateFormat(accept: string | undefined): Format {
  let openmetrics = 0;
  let text = 0;
  for (const part of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = part.split(';').map((s) => s.trim().toLowerCase());
    const quality = qualityOf(parameters);
    if (type === 'application/openmetrics-text') {
      const version = parameters.find((p) => p.startsWith('version='))?.slice('version='.length);
      if (version === undefined || version === '1.0.0' || version === '0.0.1') {
        openmetrics = Math.max(openmetrics, quality);
      }
    } else if (type === 'text/plain') text = Math.max(text, quality);
  }
  return openmetrics > 0 && openmetrics >= text ? 'openmetrics' : 'text';
}

/** Whether `Accept-Encoding` allows gzip; `*` is not taken for a wish. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return (acceptEncoding ?? '').split(',').some((part) => {
    const [coding = '', ...parameters] = part.split(';').map((s) => s.trim().toLowerCase());
    return coding === 'gzip' && qualityOf(parameters) > 0;
  });
}

function qualityOf(parameters: readonly string[]): number {
  const given = parameters.find((p) => p.startsWith('q='));
  const quality = given === undefined ? 1 : Number(given.slice(2));
  return Number.isNaN(quality) ? 0 : quality;
}
