import { z } from 'zod';
import { positiveDuration } from '../kit/duration.ts';
import { isProxyUrl } from './proxy.ts';
import { isFilled, where } from '../kit/editor-rules.ts';
import { choice, compact, credential, flag, headerName, list, notBuilt, openText, refused, section, someText, textMap } from '../kit/parts.ts';
import { openWebUrl } from '../kit/url.ts';
import type { WrittenBackend } from './written.ts';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, {
    error: 'expected a name of letters, digits, ".", "_" and "-" that begins with a letter or digit',
  })
  .describe('Unique name of the backend; the {workload} of its tool prefix.');

const common = {
  name,
  connection: choice(['eager', 'lazy'])
    .prefault('eager')
    .describe('When it is connected: "eager" at start, "lazy" when a client first comes.'),
  startTimeout: positiveDuration()
    .optional()
    .describe('Longest time of one attempt to start and connect it; 60s for stdio, else 30s.'),
  metadata: textMap().describe('Labels of your own.'),
};

const forHttpOnly = 'goes only with "transport: streamable-http" or "transport: sse"';
const headersForHttpOnly = `${forHttpOnly}; a process is given its secrets in "env"`;
const forStdioOnly = 'goes only with "transport: stdio"';

const stdio = section({
  ...common,
  transport: z
    .literal('stdio')
    .describe('The backend is a child process that speaks MCP on stdin and stdout.'),
  command: someText()
    .regex(/^\S*$|^\S*[\\/]/, {
      error: (issue) =>
        issue.input === '' ? undefined : 'expected one program, with its arguments in "args"',
    })
    .describe('The program to run, as a name on PATH or a path.'),
  args: z.array(z.string()).prefault([]).describe('Its arguments.'),
  env: textMap().describe('Environment of the child, beside the few harmless variables it inherits.'),
  cwd: someText()
    .prefault('.')
    .describe("Its working folder; relative to the configuration file's own, which it is unless written."),
  url: refused(forHttpOnly),
  type: refused(forHttpOnly),
  caBundlePath: refused(forHttpOnly),
  tls: refused(forHttpOnly),
  proxy: refused(forHttpOnly),
  headers: refused(headersForHttpOnly),
  oauth: refused(headersForHttpOnly),
});

const loginSchema = section({
  scopes: list(someText()).describe('Scopes to ask for; those that the backend names unless given.'),
  clientId: openText().describe('This server, as the authorization server knows it; registered there unless given.'),
  clientSecretEnv: openText().describe('The environment variable with its secret.'),
  clientMetadataUrl: openWebUrl().describe(
    "Where authorization servers can look up this server; /oauth/client-metadata.json of publicUrl unless given.",
  ),
  allowPrivateIp: flag(false).describe(
    'Lets what the backend names as its authorization server have an address of a private network.',
  ),
  perUser: notBuilt('a login for each user is'),
})
  .meta(where(isFilled('clientSecretEnv'), isFilled('clientId')))
  .transform(({ perUser: _, ...rest }) => compact(rest));

const overHttp = <const Transport extends 'streamable-http' | 'sse'>(transport: Transport) =>
  section({
    ...common,
    transport: z.literal(transport).describe('The backend is reached over HTTP.'),
    url: httpUrl().describe("URL of the backend's MCP endpoint."),
    type: choice(['entry', ''])
      .optional()
      .describe('"entry" for a remote server without a proxy of its own.'),
    caBundlePath: someText()
      .optional()
      .describe("PEM file of certificates to trust beside the system's; relative to the configuration file."),
    tls: section({
      certFile: someText().describe('PEM file of the certificate, with those between it and its authority.'),
      keyFile: someText().describe('PEM file of its key, without a passphrase.'),
    })
      .optional()
      .describe('The certificate to come with, where the backend asks for one.'),
    proxy: z
      .string()
      .refine(isProxy, {
        error: 'expected "none", or the URL of an HTTP proxy such as "http://proxy.example:3128"',
      })
      .meta({ pattern: String.raw`^(?:none)?$|^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]+/?$` })
      .optional()
      .describe('HTTP proxy on the way to it, instead of what HTTP_PROXY and HTTPS_PROXY say; "none" for a direct way.'),
    headers: z
      .record(headerName(), credential())
      .prefault({})
      .describe('HTTP headers sent with every request.'),
    oauth: loginSchema
      .optional()
      .describe('The backend wants OAuth: "vmcp auth login" has a person log in, for every caller.'),
    command: refused(forStdioOnly),
    args: refused(forStdioOnly),
    env: refused(forStdioOnly),
    cwd: refused(forStdioOnly),
  });

/** Every key that some kind of backend has, and the words that tell the kinds apart. */
export const backendKeys: readonly string[] = Object.keys(stdio.shape);
export const transports: readonly string[] = ['stdio', 'streamable-http', 'sse'];

/** One entry of `backends`. Paths are still as written. */
export const backendSchema: z.ZodType<WrittenBackend> = z
  .discriminatedUnion('transport', [stdio, overHttp('streamable-http'), overHttp('sse')])
  .transform((backend): WrittenBackend => {
    if (backend.transport === 'stdio') {
      const { url: _url, type: _type, caBundlePath: _ca, tls: _tls, proxy: _proxy, headers: _headers, oauth: _oauth, startTimeout: startTimeoutMs, ...rest } = backend;
      return compact({ ...rest, startTimeoutMs });
    }
    const { command: _command, args: _args, env: _env, cwd: _cwd, type, proxy, headers, startTimeout: startTimeoutMs, ...rest } = backend;
    return compact({
      ...rest,
      startTimeoutMs,
      type: type === 'entry' ? type : undefined,
      proxy: proxy || undefined,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    });
  });

function isProxy(text: string): boolean {
  return text === '' || text === 'none' || isProxyUrl(text);
}

function httpUrl(): z.ZodString {
  return z.string().superRefine((text, context) => {
    const fault = faultOfUrl(text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  }).meta({ pattern: String.raw`^https?://[^\s/?#]` });
}

function faultOfUrl(text: string): string | undefined {
  if (!/^https?:\/\//.test(text)) return 'expected a URL that begins with http:// or https://';
  return URL.canParse(text) ? undefined : 'expected a whole URL: a host, a port up to 65535 if any, no spaces';
}
