/** Prometheus' HTTP API, as far as the report needs it: https://prometheus.io/docs/prometheus/latest/querying/api/ */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { rootCertificates } from 'node:tls';
import { AdoptionError } from './errors.ts';

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

export interface Prometheus {
  /** Rejects with an `AdoptionError`. */
  instant(expression: string, atSeconds: number): Promise<Sample[]>;
  range(expression: string, from: number, to: number, stepSeconds: number): Promise<Series[]>;
}

export function createPrometheus(options: PrometheusOptions): Prometheus {
  const base = toBaseUrl(options.url);
  async function ask(path: string, form: Record<string, string>): Promise<unknown[]> {
    const answer = await post(
      new URL(`${base.href}api/v1/${path}`),
      new URLSearchParams(form).toString(),
      options,
    );
    return toResult(answer, base);
  }
  return {
    async instant(expression, atSeconds) {
      const result = await ask('query', { query: expression, time: String(atSeconds) });
      return (result as { metric: Record<string, string>; value: [number, string] }[]).map(
        ({ metric, value }) => ({
          labels: metric,
          value: Number(value[1]),
        }),
      );
    },
    async range(expression, from, to, stepSeconds) {
      const form = { query: expression, start: String(from), end: String(to), step: String(stepSeconds) };
      const result = await ask('query_range', form);
      return (result as { metric: Record<string, string>; values: [number, string][] }[]).map(
        ({ metric, values }) => ({
          labels: metric,
          points: values.map(([seconds, value]) => [seconds, Number(value)] as const),
        }),
      );
    },
  };
}

function toBaseUrl(url: string): URL {
  const given = /^https?:\/\//i.test(url) ? url : `http://${url}`;
  if (!URL.canParse(given))
    throw new AdoptionError('bad-input', `expected the URL of a Prometheus, found "${url}"`);
  const base = new URL(given);
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
  readonly body: string;
}

function post(url: URL, body: string, options: PrometheusOptions): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...toAuthorization(options) },
    signal: AbortSignal.any([
      AbortSignal.timeout(options.timeoutMs),
      ...(options.signal ? [options.signal] : []),
    ]),
    ...(options.caCert !== undefined && { ca: [...rootCertificates, options.caCert] }),
  });
  request.on('response', (response) => {
    text(response).then((answered) => resolve({ status: response.statusCode ?? 0, body: answered }), reject);
  });
  request.on('error', reject);
  request.end(body);
  return promise.catch((error: unknown) => {
    throw toAdoptionError(error, url, options);
  });
}

function toAuthorization({ bearerToken, basic }: PrometheusOptions): Record<string, string> {
  if (bearerToken !== undefined) return { authorization: `Bearer ${bearerToken}` };
  if (basic === undefined) return {};
  return {
    authorization: `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`,
  };
}

function toAdoptionError(error: unknown, url: URL, { timeoutMs, signal }: PrometheusOptions): unknown {
  if (signal?.aborted) return signal.reason;
  const { name, code, message } = error as Error & { code?: string };
  if (name === 'AbortError' || name === 'TimeoutError') {
    return new AdoptionError(
      'timeout',
      `${url.origin} did not answer a query within ${timeoutMs / 1000} s`,
      error,
    );
  }
  const why = message === '' ? code : message;
  const hint = /certificate|self.signed/i.test(String(why))
    ? '; --ca-cert FILE names a certificate to trust'
    : '';
  return new AdoptionError('unreachable', `cannot reach Prometheus at ${url.origin}: ${why}${hint}`, error);
}

/** The result of an answer, or why it has none. What a stranger says is cut to a line. */
function toResult({ status, body }: Answer, base: URL): unknown[] {
  if (status === 401 || status === 403) {
    throw new AdoptionError(
      'unauthorized',
      `${base.origin} refuses us (HTTP ${status}): set VMCP_PROMETHEUS_TOKEN, or VMCP_PROMETHEUS_USERNAME and VMCP_PROMETHEUS_PASSWORD`,
    );
  }
  const parsed = parseJson(body);
  if (parsed?.status === 'success' && Array.isArray(parsed.data?.result)) return parsed.data.result;
  const said = parsed?.error ?? body.replaceAll(/\s+/g, ' ').trim();
  throw new AdoptionError(
    'refused',
    `${base.origin} answered HTTP ${status}${said === '' ? '' : `: ${said.slice(0, 160)}`}` +
      (parsed === undefined ? ' (is it a Prometheus?)' : ''),
  );
}

function parseJson(
  body: string,
): { status?: string; error?: string; data?: { result?: unknown[] } } | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
