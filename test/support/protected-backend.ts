/** A backend of the official SDK that lets nobody in without a bearer token, and knows who calls by it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { McpServer } from '@modelcontextprotocol/server';
import { serveHttp, type HttpBackend, type HttpBackendOptions } from './http-backend.ts';

export interface ProtectedBackendOptions extends HttpBackendOptions {
  /** Whose a token is; undefined for one that is not taken. */
  subjectOf(token: string): Promise<string | undefined> | string | undefined;
  /** What a caller is listed beside `whoami`; nothing unless given. */
  toolsOf?(subject: string): readonly string[];
  /** Sent with a 401, without a scheme. */
  readonly challenge?: () => string;
}

export interface ProtectedBackend extends HttpBackend {
  /** Who called what, as the backend was told. */
  readonly calls: { readonly subject: string; readonly tool: string; readonly args: unknown }[];
  /** Tokens as they came; undefined for a request without one. */
  readonly tokens: (string | undefined)[];
}

export async function startProtectedBackend(options: ProtectedBackendOptions): Promise<ProtectedBackend> {
  const caller = new AsyncLocalStorage<string>();
  const calls: ProtectedBackend['calls'] = [];
  const tokens: ProtectedBackend['tokens'] = [];
  const create = (): McpServer => {
    const product = new McpServer(
      { name: 'protected', version: '1' },
      { capabilities: { tools: { listChanged: true } } },
    );
    const subject = (): string => caller.getStore() ?? '';
    product.server.setRequestHandler('tools/list', () => ({
      tools: ['whoami', ...(options.toolsOf?.(subject()) ?? [])].map((name) => ({
        name,
        inputSchema: { type: 'object' as const },
      })),
    }));
    product.server.setRequestHandler('tools/call', ({ params }) => {
      calls.push({ subject: subject(), tool: params.name, args: params.arguments });
      return { content: [{ type: 'text', text: subject() }] };
    });
    return product;
  };
  const backend = await serveHttp(create, {
    ...options,
    gate: async (request, response, next) => {
      const token = /^Bearer (.+)$/u.exec(request.headers.authorization ?? '')?.[1];
      tokens.push(token);
      const subject = token === undefined ? undefined : await options.subjectOf(token);
      if (subject !== undefined) return caller.run(subject, next);
      const challenge = options.challenge?.() ?? 'error="invalid_token"';
      response.writeHead(401, { 'www-authenticate': `Bearer ${challenge}` }).end();
    },
  });
  return { ...backend, calls, tokens };
}
