/** How the page asks its server. Every request carries the page's token and is JSON; nothing goes anywhere else. */
import { tokenHeader, type Answers, type Refusal, type Streams } from '../wire/index.ts';

/** What the server refused, in its words. */
export class ApiError extends Error {
  /** The HTTP status; 0 where the server could not be reached. */
  readonly status: number;
  readonly login: boolean;
  constructor(status: number, message: string, login = false) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.login = login;
  }
}

/** @throws ApiError */
export async function ask<Name extends keyof Answers>(
  name: Name,
  body: Answers[Name]['asks'],
  signal?: AbortSignal,
): Promise<Answers[Name]['gets']> {
  const response = await post(name, body, signal);
  return (await response.json()) as Answers[Name]['gets'];
}

/**
 * Tells each piece as it comes. Resolves when the server has said everything.
 * @throws ApiError
 */
export async function follow<Name extends keyof Streams>(
  name: Name,
  body: Streams[Name]['asks'],
  signal: AbortSignal,
  tell: (piece: Streams[Name]['gets']) => void,
): Promise<void> {
  const response = await post(name, body, signal);
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(JSON.parse(line) as Streams[Name]['gets']);
  }
}

async function post(name: string, body: object, signal: AbortSignal | undefined): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/console/api/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [tokenHeader]: metaOf('vmcp-token') },
      body: JSON.stringify(body),
      credentials: 'same-origin',
      ...(signal !== undefined && { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError(0, 'The server does not answer. It may be starting again.');
  }
  if (response.ok) return response;
  const { error, login } = await readRefusal(response);
  throw new ApiError(response.status, error, login ?? false);
}

async function readRefusal(response: Response): Promise<Refusal> {
  try {
    return (await response.json()) as Refusal;
  } catch {
    return { error: `The server answered ${response.status}.` };
  }
}

/** What the server wrote into the page's head. */
export function metaOf(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? '';
}
