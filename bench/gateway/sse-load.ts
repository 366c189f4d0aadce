/** Load for a gateway that speaks only HTTP+SSE (the transport before Streamable HTTP): answers come on a stream. */
import { initializedText, initializeText, requestText } from './messages.ts';
import type { Load } from './wrk.ts';

interface SseSession {
  /** Posts a request and waits for the answer on the stream. */
  call(body: string): Promise<void>;
  close(): void;
}

/** As many sessions as connections, each with one call under way at any time. */
export async function fireOverSse(
  url: string,
  tool: string,
  connections: number,
  seconds: number,
): Promise<Load> {
  const sessions = await Promise.all(Array.from({ length: connections }, () => openSse(url)));
  const body = requestText('2025-11-25', 'tools/call', { name: tool, arguments: { text: 'ping', limit: 3 } });
  const latencies: number[] = [];
  const deadline = performance.now() + seconds * 1000;
  await Promise.all(
    sessions.map(async (session) => {
      while (performance.now() < deadline) {
        const started = performance.now();
        await session.call(body);
        latencies.push(performance.now() - started);
      }
    }),
  );
  for (const session of sessions) session.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { requestsPerSecond: latencies.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99), failures: 0 };
}

async function openSse(url: string): Promise<SseSession> {
  const stop = new AbortController();
  const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: stop.signal });
  if (!response.body) throw new Error(`${url} opened no stream`);
  const events = readEvents(response.body);
  const endpoint = new URL(await nextData(events), url);
  const post = (body: string): Promise<unknown> =>
    fetch(endpoint, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then((r) =>
      r.text(),
    );
  const call = async (body: string): Promise<void> => {
    await post(body);
    for (;;) {
      const answer = await nextData(events);
      if (answer.includes('"error"') || answer.includes('"isError":true'))
        throw new Error(`answered ${answer}`);
      if (answer.includes('"result"')) return;
    }
  };
  await call(initializeText);
  await post(initializedText);
  return { call, close: () => stop.abort() };
}

async function nextData(events: AsyncGenerator<string>): Promise<string> {
  const next = await events.next();
  if (next.done) throw new Error('the stream ended');
  return next.value;
}

async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const events = rest.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: ?(.*)$/m.exec(event)?.[1];
      if (data !== undefined) yield data;
    }
  }
}
