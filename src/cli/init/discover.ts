/** What the MCP clients of this machine know of servers, for a configuration that takes them over. */
import { existsSync } from 'node:fs';
import { readText } from '../kit/files.ts';
import { clients, type Machine } from '../kit/clients.ts';
import { parseAs } from '../connect/edit.ts';
import { readServers, type ClientServer } from './client-config.ts';
import { convertServers, type Conversion } from './convert.ts';

/** A client with at least one server. */
export interface Found {
  readonly client: string;
  readonly file: string;
  readonly servers: readonly ClientServer[];
}

/** Looks where `vmcp connect` writes. A file that cannot be read is passed over: nothing was asked of it. */
export async function discover(machine: Machine): Promise<Found[]> {
  const files = clients.flatMap((client) =>
    client.files(machine).flatMap((file) => (existsSync(file) ? [{ client, file }] : [])),
  );
  const found = await Promise.all(
    files.map(async ({ client: { name, format }, file }) => {
      const servers = await readText(file)
        .then((text) => readServers(parseAs(format, text)))
        .catch(() => []);
      return { client: name, file, servers: servers.filter(isUsable) };
    }),
  );
  return found.filter(({ servers }) => servers.length > 0);
}

function isUsable({ fault, disabled, command, url }: ClientServer): boolean {
  return fault === undefined && !disabled && (command !== undefined || url !== undefined);
}

/** The servers of several clients as one configuration; what two of them know alike is there once. */
export function convertFound(found: readonly Found[]): Conversion {
  const seen = new Set<string>();
  const servers = found.flatMap((each) =>
    each.servers.filter(({ command, args, url, env, headers }) => {
      const identity = JSON.stringify([command, args, url, env, headers]);
      return !seen.has(identity) && seen.add(identity) !== undefined;
    }),
  );
  return convertServers(servers);
}
