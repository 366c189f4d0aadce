/** A backend of the official SDK that lets nobody in without a bearer token, and knows who calls by it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { McpServer } from '@modelcontextprotocol/server';
import { serveHttp, type HttpBackend, type HttpBackendOptions } from './http-backend.ts';

export interface ProtectedBackendOptions extends HttpBackendOptions {
  /** Whose a token is; undefined for one that is not taken. */
  subjectOf(token: string): Promise<string | undefined> | string | undefined;
  /** What a caller is listed beside `whoami`; nothing unless given. */
  toolsOf?(subject: string): readonly string[];
  /** Its metadata (RFC 9728), and whether a 401 names where that is; none unless given. */
  readonly metadata?: (url: string) => object;
  readonly namesMetadata?: boolean;
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
  const backend: HttpBackend = await serveHttp(create, {
    ...options,
    gate: async (request, response, next) => {
      const { origin } = new URL(backend.url);
      const place = `${origin}/.well-known/oauth-protected-resource/mcp`;
      if (request.url === new URL(place).pathname && options.metadata !== undefined) {
        response.writeHead(200, { 'content-type': 'application/json' });
        return void response.end(JSON.stringify(options.metadata(backend.url)));
      }
      const token = /^Bearer (.+)$/u.exec(request.headers.authorization ?? '')?.[1];
      tokens.push(token);
      const subject = token === undefined ? undefined : await options.subjectOf(token);
      if (subject !== undefined) return caller.run(subject, next);
      const named = options.namesMetadata === true ? `, resource_metadata="${place}"` : '';
      response.writeHead(401, { 'www-authenticate': `Bearer error="invalid_token"${named}` }).end();
    },
  });
  return { ...backend, calls, tokens };
}
