import type { BackendCard, TokenMeter, ToolsView, ToolView } from '../../console/wire/index.ts';
import type { Tool } from '../../gateway/index.ts';
import { isObject } from '../../protocol/index.ts';
import type { ServerView } from '../feature.ts';
import type { Latencies } from './latencies.ts';

const scriptTool = 'execute_tool_script';

/** True for a tool that says of itself that it changes nothing. */
export function isReadOnly(tool: Tool): boolean {
  return isObject(tool['annotations']) && tool['annotations']['readOnlyHint'] === true;
}

/** The tools of one person, each with where it comes from and how a script calls it. */
export async function toolsView(
  tools: readonly Tool[],
  server: ServerView,
  { tellHidden }: { readonly tellHidden: boolean },
): Promise<ToolsView> {
  const origins = server.toolOrigins();
  const shown = new Map(
    origins.flatMap((origin) => (origin.shownAs === undefined ? [] : [[origin.shownAs, origin]])),
  );
  const views = tools.map(async (tool): Promise<ToolView> => {
    const origin = shown.get(tool.name);
    const { title, outputSchema, annotations } = tool;
    return {
      name: tool.name,
      ...(typeof title === 'string' && { title }),
      description: tool.description ?? '',
      ...(origin !== undefined && { backend: origin.backend, ownName: origin.ownName }),
      ...(tool.name !== scriptTool && { signature: (await server.describeTool(tool)).signature }),
      inputSchema: tool.inputSchema as ToolView['inputSchema'],
      ...(outputSchema !== undefined && { outputSchema: outputSchema as ToolView['inputSchema'] }),
      annotations: isObject(annotations) ? (annotations as ToolView['annotations']) : {},
      readOnly: isReadOnly(tool),
    };
  });
  const hidden = tellHidden
    ? origins.flatMap(({ backend, ownName, hidden: why }) =>
        why === undefined ? [] : [{ backend, name: ownName, why }],
      )
    : [];
  return { tools: await Promise.all(views), hidden };
}

/** What a list of tools takes of a model's context: the bytes of its entries as clients get them. */
export function tokenMeter(tools: readonly Tool[], server: Pick<ServerView, 'toolOrigins'>): TokenMeter {
  const backendOf = new Map(server.toolOrigins().map(({ shownAs, backend }) => [shownAs, backend]));
  const perBackend = new Map<string, number>();
  let all = 0;
  let codeMode: number | undefined;
  for (const tool of tools) {
    const bytes = Buffer.byteLength(JSON.stringify(tool));
    if (tool.name === scriptTool) {
      codeMode = bytes;
      continue;
    }
    all += bytes;
    const backend = backendOf.get(tool.name);
    if (backend !== undefined) perBackend.set(backend, (perBackend.get(backend) ?? 0) + bytes);
  }
  return {
    all,
    ...(codeMode !== undefined && { codeMode }),
    perBackend: [...perBackend].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes),
  };
}

/** Each backend as it stands, with how long its latest calls took. */
export function backendCards(
  { backends }: Awaited<ReturnType<ServerView['state']>>,
  server: Pick<ServerView, 'toolOrigins'>,
  latencies: Latencies,
): BackendCard[] {
  const tools = new Map<string, string[]>();
  for (const { backend, shownAs } of server.toolOrigins())
    if (shownAs !== undefined) tools.set(backend, [...(tools.get(backend) ?? []), shownAs]);
  return backends.map(({ name, transport, health, revision, error, tools: count }) => {
    const latency = latencies.of(tools.get(name) ?? []);
    return {
      name,
      transport,
      health,
      tools: count,
      ...(revision !== undefined && { revision }),
      ...(error !== undefined && { error }),
      ...(latency !== undefined && { latency }),
    };
  });
}
