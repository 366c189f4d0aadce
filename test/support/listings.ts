/** What clients of a server are listed by the modes of code mode, with each backend started once. */
import { startServer, type Server, type Tool } from '../../src/index.ts';

export interface Listings {
  /** All tools, as with code mode off. */
  readonly plain: readonly Tool[];
  readonly alongside: readonly Tool[];
  /** Code mode proper. */
  readonly proper: readonly Tool[];
}

/**
 * Starts a server of a configuration without `codeMode`, and lists its tools in each mode.
 * @param settings the configuration; its name may be left out
 * @param codeMode further keys of `codeMode`
 */
export async function listingsOf(settings: object, codeMode: object = {}): Promise<Listings> {
  const config = { name: 'listings', ...settings };
  const server = await startServer(config);
  try {
    const plain = await listed(server);
    const inMode = async (mode: string): Promise<readonly Tool[]> => {
      await server.reload({ ...config, codeMode: { enabled: true, mode, ...codeMode } });
      return listed(server);
    };
    return { plain, alongside: await inMode('alongside'), proper: await inMode('default') };
  } finally {
    await server.close(0);
  }
}

/** Once all backends are up. */
async function listed(server: Server): Promise<readonly Tool[]> {
  const tools = await server.listTools();
  const missing = server.backends().filter(({ health }) => health !== 'healthy');
  if (missing.length > 0)
    throw new Error(
      `backends are not up: ${missing.map(({ name, error }) => `${name} (${error})`).join(', ')}`,
    );
  return tools;
}

/** The UTF-8 bytes of a whole `tools/list` result, without what a transport adds. */
export function bytesOf(tools: readonly Tool[]): number {
  return Buffer.byteLength(JSON.stringify({ tools }));
}
