import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** A span as it came over the wire. */
export interface ReceivedSpan {
  readonly scope: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly startNanos: bigint;
  readonly endNanos: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  readonly statusMessage: string;
}

/** A data point as it came over the wire; a histogram's `value` is its sum. */
export interface ReceivedPoint {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: number;
  readonly count?: number;
  readonly bounds?: readonly number[];
}

export interface ReceivedMetric {
  readonly scope: string;
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'sum' | 'histogram';
  readonly points: readonly ReceivedPoint[];
}

/** An OTLP collector that decodes what it is sent. */
export interface OtlpReceiver {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** The metrics of the last push. */
  metrics(): readonly ReceivedMetric[];
  /** Attributes of the resource of the last push of either kind. */
  resource(): Readonly<Record<string, unknown>>;
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

/** Listens on a free port of the loopback interface, over TLS where a key and certificate are given. */
export async function startOtlpReceiver(tls?: { key: string; cert: string }): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const requests: OtlpReceiver['requests'] = [];
  let metrics: ReceivedMetric[] = [];
  let resource: Record<string, unknown> = {};
  const server: Server = tls ? createTlsServer(tls) : createServer();
  server.on('request', (request, response) => {
    void buffer(request).then((body) => {
      const path = request.url ?? '';
      requests.push({ path, headers: request.headers });
      const [pushed] = messages(
        decode(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body),
        1,
      );
      if (pushed) resource = attributesOf(messages(pushed, 1)[0], 1);
      if (pushed && path.endsWith('/v1/traces')) spans.push(...toSpans(pushed));
      if (pushed && path.endsWith('/v1/metrics')) metrics = toMetrics(pushed);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${tls ? 'https' : 'http'}://localhost:${(server.address() as AddressInfo).port}`,
    spans,
    metrics: () => metrics,
    resource: () => resource,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function toSpans(resourceSpans: Message): ReceivedSpan[] {
  return messages(resourceSpans, 2).flatMap((scopeSpans) =>
    messages(scopeSpans, 2).map((span) => {
      const [status] = messages(span, 15);
      return {
        scope: text(messages(scopeSpans, 1)[0], 1),
        name: text(span, 5),
        traceId: hex(span, 1),
        spanId: hex(span, 2),
        parentSpanId: hex(span, 4),
        kind: Number(integer(span, 6)),
        startNanos: integer(span, 7),
        endNanos: integer(span, 8),
        attributes: attributesOf(span, 9),
        statusCode: Number(integer(status, 3)),
        statusMessage: text(status, 2),
      };
    }),
  );
}

/** Field numbers of the three kinds of metric that this project sends. */
const kinds = [
  [5, 'gauge'],
  [7, 'sum'],
  [9, 'histogram'],
] as const;

function toMetrics(resourceMetrics: Message): ReceivedMetric[] {
  return messages(resourceMetrics, 2).flatMap((scopeMetrics) =>
    messages(scopeMetrics, 2).map((metric) => {
      const [field, kind] = kinds.find(([number]) => metric.has(number))!;
      const points = messages(messages(metric, field)[0]!, 1);
      return {
        scope: text(messages(scopeMetrics, 1)[0], 1),
        name: text(metric, 1),
        unit: text(metric, 3),
        kind,
        points: points.map(kind === 'histogram' ? toHistogramPoint : toNumberPoint),
      };
    }),
  );
}

function toNumberPoint(point: Message): ReceivedPoint {
  const value = point.has(4) ? double(point, 4) : Number(BigInt.asIntN(64, integer(point, 6)));
  return { attributes: attributesOf(point, 7), value };
}

function toHistogramPoint(point: Message): ReceivedPoint {
  const packed = point.get(7)?.[0];
  const bytes = Buffer.isBuffer(packed) ? packed : Buffer.alloc(0);
  return {
    attributes: attributesOf(point, 9),
    value: double(point, 5),
    count: Number(integer(point, 4)),
    bounds: Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8)),
  };
}

/** A protobuf message: values by field number, not yet interpreted. https://protobuf.dev/programming-guides/encoding */
type Message = Map<number, (bigint | Buffer)[]>;

function decode(bytes: Buffer): Message {
  const message: Message = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  while (at < bytes.length) {
    const tag = Number(varint());
    const read = {
      0: varint,
      1: () => take(8).readBigUInt64LE(),
      2: () => take(Number(varint())),
      5: () => take(4),
    }[tag & 7];
    if (!read) throw new Error(`expected a protobuf wire type of OTLP, found ${tag & 7} at byte ${at}`);
    message.set(tag >> 3, [...(message.get(tag >> 3) ?? []), read()]);
  }
  return message;
}

function messages(message: Message, field: number): Message[] {
  return (message.get(field) ?? []).map((value) => decode(value as Buffer));
}

function text(message: Message | undefined, field: number): string {
  return ((message?.get(field)?.[0] as Buffer | undefined) ?? Buffer.alloc(0)).toString('utf8');
}

function hex(message: Message, field: number): string {
  return ((message.get(field)?.[0] as Buffer | undefined) ?? Buffer.alloc(0)).toString('hex');
}

function integer(message: Message | undefined, field: number): bigint {
  return (message?.get(field)?.[0] as bigint | undefined) ?? 0n;
}

function double(message: Message, field: number): number {
  const bits = Buffer.alloc(8);
  bits.writeBigUInt64LE(integer(message, field));
  return bits.readDoubleLE();
}

/** `KeyValue` pairs of a field; values of the kinds string, boolean, integer and double. */
function attributesOf(message: Message | undefined, field: number): Record<string, unknown> {
  if (!message) return {};
  return Object.fromEntries(
    messages(message, field).map((pair) => {
      const [value = new Map() as Message] = messages(pair, 2);
      if (value.has(2)) return [text(pair, 1), integer(value, 2) === 1n];
      if (value.has(3)) return [text(pair, 1), Number(BigInt.asIntN(64, integer(value, 3)))];
      if (value.has(4)) return [text(pair, 1), double(value, 4)];
      return [text(pair, 1), text(value, 1)];
    }),
  );
}
