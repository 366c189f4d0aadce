import assert from 'node:assert/strict';
import { Replicas, Sealer } from '../../src/storage/index.ts';
import { MemoryHub, MemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { SharedParts } from '../../src/mcp/server/index.ts';
import { startEdge, type Edge, type EdgeOptions } from './edge.ts';

/** Edges of one virtual server that share a store, as replicas do. */
export interface SharedEdges {
  readonly hub: MemoryHub;
  readonly edges: readonly [Edge, Edge];
  readonly parts: readonly SharedParts[];
  close(): Promise<void>;
}

/** Starts two. The caller closes them. */
export async function startSharedEdges(options: EdgeOptions = {}): Promise<SharedEdges> {
  const hub = new MemoryHub();
  const fleet = ['space', 'name'];
  const parts: SharedParts[] = [];
  const start = async (): Promise<Edge> => {
    const store = new MemoryStore(hub);
    const sealer = new Sealer([Buffer.alloc(32, 'k')]);
    const onDefect = (thrown: unknown): void => assert.fail(String(thrown));
    const replicas = new Replicas({ store, sealer, fleet, onDefect });
    const shared = { store, sealer, replicas, fleet };
    parts.push(shared);
    await replicas.open();
    return startEdge({ ...options, shared });
  };
  const edges = [await start(), await start()] as const;
  return {
    hub,
    edges,
    parts,
    close: async () => {
      await Promise.all(edges.map((edge) => edge.close()));
      for (const { replicas, store } of parts) {
        await replicas.close();
        await store.close();
      }
    },
  };
}
