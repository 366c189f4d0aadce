import { onlyFor, type Stage } from '../gateway/index.ts';
import type { Log } from './log.ts';

/** Says of each call how it ended, and nothing of what it carried. Scripts have lines of their own. */
export function callLog(log: Log): Stage {
  return onlyFor(['tools/call'], async (call, next) => {
    const startMs = performance.now();
    let status: 'success' | 'error' = 'error';
    try {
      const result = await next(call);
      if (!('isError' in result && result.isError === true)) status = 'success';
      return result;
    } finally {
      const durationMs = Number((performance.now() - startMs).toFixed(2));
      const client = call.caller.clientInfo?.['name'];
      if (call.ran?.countAs !== 'execute_tool_script')
        log.write('info', 'call ended', { tool: call.name, status, durationMs, client });
    }
  });
}
