/** What is known of a run, put together of what the server tells while it goes on. */
import type { JsonRecord, RunEvent } from '../wire/index.ts';

export interface InnerCall {
  readonly id: number;
  readonly tool: string;
  readonly at: number;
  readonly arguments: string;
  /** Absent while it runs. */
  readonly end?: { readonly at: number; readonly ok: boolean; readonly bytes: number; readonly text: string };
}

export interface Run {
  readonly state: 'running' | 'done' | 'failed' | 'stopped';
  readonly calls: readonly InnerCall[];
  /** A call that waits to be allowed. */
  readonly question?: { readonly tool: string; readonly question: string };
  readonly ended?: Extract<RunEvent, { type: 'end' }>;
}

export const started: Run = { state: 'running', calls: [] };

export function withEvent({ question, ...run }: Run, event: RunEvent): Run {
  switch (event.type) {
    case 'call': {
      const { id, tool, at, arguments: given } = event;
      return {
        ...run,
        calls: [...run.calls, { id, tool, at, arguments: given }],
        ...(question && { question }),
      };
    }
    case 'question':
      return { ...run, question: { tool: event.tool, question: event.question } };
    case 'answer': {
      const { id, at, ok, bytes, text } = event;
      const calls = run.calls.map((call) =>
        call.id === id ? { ...call, end: { at, ok, bytes, text } } : call,
      );
      return { ...run, calls, ...(question && { question }) };
    }
    case 'end':
      return { ...run, state: isFailed(event) ? 'failed' : 'done', ended: event };
  }
}

function isFailed({ result, error }: Extract<RunEvent, { type: 'end' }>): boolean {
  return error !== undefined || result?.['isError'] === true;
}

/** The texts of a result: a script's value first, then what it printed and what the server remarks. */
export function textsOf(result: JsonRecord | undefined): string[] {
  const content = result?.['content'];
  if (!Array.isArray(content)) return [];
  return content.flatMap((block) =>
    typeof block === 'object' && block !== null && !Array.isArray(block) && typeof block['text'] === 'string'
      ? [block['text']]
      : [],
  );
}
