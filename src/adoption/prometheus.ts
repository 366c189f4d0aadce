/** Prometheus' HTTP API, as far as the report needs it: https://prometheus.io/docs/prometheus/latest/querying/api/ */
import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { trustedWith } from '../lib/certificates.ts';
import { whyUnreachable } from '../lib/connection-fault.ts';
import { codeOf, kindOf } from '../lib/thrown.ts';
import { AdoptionError } from './errors.ts';
import { printableLine } from './printable.ts';

export interface PrometheusOptions {
  /** Where Prometheus answers; a path before `/api/v1` is kept. */
  readonly url: string;
  readonly bearerToken?: string;
  readonly basic?: { readonly username: string; readonly password: string };
  /** Further certificate authorities as PEM text, beside those that Node trusts. */
  readonly caCert?: string;
  /** How long one query may take. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** One element of an instant vector. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The values of one series over time; times in seconds since 1970. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [seconds: number, value: number])[];
}

/** A value that is no number (NaN, or infinite) says nothing that can be added up: it is left out of both answers. */
export interface Prometheus {
  /** Rejects with an `AdoptionError`. */
  instant(expression: string, atSeconds: number): Promise<Sample[]>;
  range(expression: string, from: number, to: number, stepSeconds: number): Promise<Series[]>;
  /** What the answers so far were sent with, each once: most often, that they are not whole. */
  readonly warnings: ReadonlySet<string>;
}

export function createPrometheus(options: PrometheusOptions): Prometheus {
  const base = toBaseUrl(options.url);
  const authorization = toAuthorization(options);
  const warnings = new Set<string>();
  async function ask(path: string, form: Record<string, string>, type: ResultType): Promise<unknown[]> {
    const body = new URLSearchParams(form).toString();
    const answer = await post(new URL(`${base.href}api/v1/${path}`), { body, authorization }, options);
    const { result, warned } = toResult(answer, type, base);
    for (const warning of warned) warnings.add(warning);
    return result;
  }
  return {
    warnings,
    async instant(expression, atSeconds) {
      const result = await ask('query', { query: expression, time: String(atSeconds) }, 'vector');
      return (result as { metric: Record<string, string>; value: [number, string] }[])
        .map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
        .filter(({ value }) => Number.isFinite(value));
    },
    async range(expression, from, to, stepSeconds) {
      const form = { query: expression, start: String(from), end: String(to), step: String(stepSeconds) };
      const result = await ask('query_range', form, 'matrix');
      return (result as { metric: Record<string, string>; values: [number, string][] }[]).map(
        ({ metric, values }) => ({
          labels: metric,
          points: values
            .map(([seconds, value]) => [seconds, Number(value)] as const)
            .filter(([, value]) => Number.isFinite(value)),
        }),
      );
    },
  };
}

/** What Prometheus calls the answers of its two kinds of query. */
type ResultType = 'vector' | 'matrix';

function toBaseUrl(url: string): URL {
  const given = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url : `http://${url}`;
  const base = URL.parse(given);
  if (base === null || !/^https?:$/.test(base.protocol)) {
    throw new AdoptionError(
      'bad-input',
      `expected the URL of a Prometheus, such as http://prometheus:9090, found "${printableLine(url)}"`,
    );
  }
  if (base.username !== '' || base.password !== '') {
    throw new AdoptionError(
      'bad-input',
      'a user name and password belong into VMCP_PROMETHEUS_USERNAME and VMCP_PROMETHEUS_PASSWORD, not into the URL',
    );
  }
  base.search = '';
  base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Question {
  readonly body: string;
  /** Empty, or the header that logs in. */
  readonly authorization: Record<string, string>;
}

function post(url: URL, { body, authorization }: Question, options: PrometheusOptions): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...authorization },
    signal: AbortSignal.any([
      AbortSignal.timeout(options.timeoutMs),
      ...(options.signal ? [options.signal] : []),
    ]),
    ...(options.caCert !== undefined && { ca: trustedWith(options.caCert) }),
  });
  request.on('response', (response) => {
    const { statusCode = 0, headers } = response;
    text(response).then((answered) => resolve({ status: statusCode, headers, body: answered }), reject);
  });
  request.on('error', reject);
  request.end(body);
  return promise.catch((error: unknown) => {
    throw toAdoptionError(error, url, options);
  });
}

function toAuthorization({ bearerToken, basic }: PrometheusOptions): Record<string, string> {
  if (bearerToken !== undefined) {
    if (/^[\x21-\x7e]+$/.test(bearerToken)) return { authorization: `Bearer ${bearerToken}` };
    throw new AdoptionError('bad-input', 'the bearer token holds a character that no token can have');
  }
  if (basic === undefined) return {};
  return {
    authorization: `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`,
  };
}

function toAdoptionError(error: unknown, url: URL, { timeoutMs, signal }: PrometheusOptions): unknown {
  if (signal?.aborted) return signal.reason;
  const kind = kindOf(error);
  if (kind === 'AbortError' || kind === 'TimeoutError') {
    return new AdoptionError(
      'timeout',
      `${url.origin} did not answer a query within ${timeoutMs / 1000} s`,
      error,
    );
  }
  // What Node advises about a root CA is for who starts it by its own name.
  const why = printableLine(whyUnreachable(error)).replace(/; if the root CA .*/, '');
  return new AdoptionError(
    'unreachable',
    `cannot reach Prometheus at ${url.origin}: ${why}${remedyFor(codeOf(error))}`,
    error,
  );
}

function remedyFor(code = ''): string {
  return /SELF_SIGNED|UNABLE_TO_/.test(code) ? '; --ca-cert FILE names a certificate to trust' : '';
}

interface Result {
  readonly result: unknown[];
  readonly warned: readonly string[];
}

/** The result of an answer, or why it has none. */
function toResult({ status, headers, body }: Answer, type: ResultType, base: URL): Result {
  if (status === 401 || status === 403) {
    throw new AdoptionError(
      'unauthorized',
      `${base.origin} refuses us (HTTP ${status}): set VMCP_PROMETHEUS_TOKEN, or VMCP_PROMETHEUS_USERNAME and VMCP_PROMETHEUS_PASSWORD`,
    );
  }
  if (status >= 300 && status < 400) {
    const to = printableLine(headers.location ?? 'nowhere').slice(0, 160);
    throw new AdoptionError(
      'refused',
      `${base.origin} sends us on to ${to} (HTTP ${status}): give the address where Prometheus itself answers`,
    );
  }
  const parsed = parseJson(body);
  const { resultType, result } = parsed?.data ?? {};
  if (parsed?.status === 'success' && resultType === type && Array.isArray(result)) {
    return { result, warned: toWarnings(parsed.warnings) };
  }
  const said = printableLine(parsed?.error ?? body.slice(0, 1000)).slice(0, 160);
  throw new AdoptionError(
    'refused',
    `${base.origin} answered HTTP ${status}${said === '' ? '' : `: ${said}`}` +
      (parsed?.status === 'error' ? '' : ' (is it a Prometheus?)'),
  );
}

/** Remarks on the query itself (`PromQL info: …`) say nothing of the data. */
function toWarnings(warnings: unknown): string[] {
  if (!Array.isArray(warnings)) return [];
  return warnings
    .map((warning) => printableLine(String(warning)).slice(0, 160))
    .filter((warning) => !warning.startsWith('PromQL '));
}

interface ParsedAnswer {
  readonly status?: string;
  readonly error?: string;
  readonly data?: { readonly resultType?: string; readonly result?: unknown };
  readonly warnings?: unknown;
}

function parseJson(body: string): ParsedAnswer | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
