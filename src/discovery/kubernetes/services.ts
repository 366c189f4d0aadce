/** Services with a label as backends, for clusters without ToolHive's kinds. */
import type { ApiObject } from './api.ts';
import { Skip, type FoundBackend } from './candidate.ts';
import { fieldOf, listAt, textAt } from './read-object.ts';

export const groupLabel = 'vmcp.dev/group';
const pathAnnotation = 'vmcp.dev/path';
const transportAnnotation = 'vmcp.dev/transport';
const portAnnotation = 'vmcp.dev/port';
const schemeAnnotation = 'vmcp.dev/scheme';
const defaultPaths: Readonly<Record<string, string>> = { 'streamable-http': '/mcp', sse: '/sse' };

/** @throws Skip where it names no address */
export function serviceBackend({ metadata, spec }: ApiObject, namespace: string): FoundBackend {
  const name = metadata?.name ?? '';
  const annotation = (key: string): string | undefined => metadata?.annotations?.[key] || undefined;
  const transport = annotation(transportAnnotation) ?? 'streamable-http';
  const path = annotation(pathAnnotation) ?? defaultPaths[transport] ?? '/mcp';
  const scheme = annotation(schemeAnnotation) ?? 'http';
  const port = portOf(spec, annotation(portAnnotation));
  const url = `${scheme}://${name}.${namespace}.svc:${port}${path.startsWith('/') ? '' : '/'}${path}`;
  return { name, kind: 'Service', entry: { name, transport, url }, secrets: [] };
}

/** The one that is named, by name or number; else the one called `mcp` or `http`; else the only one. */
function portOf(spec: unknown, wanted: string | undefined): number {
  const ports = listAt(spec, 'ports').map((port) => ({
    name: textAt(port, 'name'),
    number: Number(fieldOf(port, 'port')),
  }));
  const found =
    wanted === undefined
      ? (ports.find(({ name }) => name === 'mcp') ??
        ports.find(({ name }) => name === 'http') ??
        (ports.length === 1 ? ports[0] : undefined))
      : ports.find(({ name, number }) => name === wanted || String(number) === wanted);
  if (found !== undefined) return found.number;
  const names = ports.map(({ name, number }) => name ?? String(number)).join(', ') || 'none';
  throw new Skip(
    wanted === undefined
      ? `it has several ports or none (${names}): name one "mcp", or set the annotation ${portAnnotation}`
      : `the annotation ${portAnnotation} names "${wanted}", and its ports are: ${names}`,
  );
}
