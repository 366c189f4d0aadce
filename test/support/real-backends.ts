import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { repositoryRoot } from './vmcp.ts';

/** A `backends[]` entry that starts one of the real MCP servers installed from npm. */
export interface StdioBackendConfig {
  readonly name: string;
  readonly transport: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export function fromNpm(name: string, packageName: string, args: readonly string[] = []): StdioBackendConfig {
  const file = resolve(repositoryRoot, 'node_modules', packageName, 'dist/index.js');
  return { name, transport: 'stdio', command: process.execPath, args: [file, ...args] };
}

/** One of the servers in `test/peers`. */
function fromPeers(name: string, packageName: string, args: readonly string[] = []): StdioBackendConfig {
  const file = resolve(repositoryRoot, 'test/peers/node_modules', packageName, 'dist/index.js');
  return { name, transport: 'stdio', command: process.execPath, args: [file, ...args] };
}

/** Further public servers that run offline, which a clean install of vmcp does not bring. */
export function peerBackends(): readonly StdioBackendConfig[] {
  const database = join(mkdtempSync(join(tmpdir(), 'vmcp-sqlite-')), 'test.db');
  const tasks = join(mkdtempSync(join(tmpdir(), 'vmcp-tasks-')), 'tasks.json');
  return [
    fromNpm('time', 'time-mcp'),
    fromPeers('thinking', '@modelcontextprotocol/server-sequential-thinking'),
    fromPeers('sqlite', 'mcp-server-sqlite-npx', [database]),
    {
      ...fromPeers('tasks', '@kazuph/mcp-taskmanager'),
      env: { TASK_MANAGER_FILE_PATH: tasks },
    },
    { ...fromPeers('git', '@cyanheads/git-mcp-server'), env: { MCP_LOG_LEVEL: 'error' } },
  ];
}

/** The three real servers of the first-light proof, each with a folder of its own where it needs one. */
export interface RealBackends {
  readonly everything: StdioBackendConfig;
  readonly memory: StdioBackendConfig;
  readonly filesystem: StdioBackendConfig;
  /** The folder that `filesystem` serves, holding `one.txt`, `two.txt` and `three.txt`. */
  readonly folder: string;
}

/** Makes the folders; the processes are vmcp's to start. The folders are left to the system's cleaning of its temporary files. */
export function realBackends(): RealBackends {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'vmcp-files-')));
  for (const name of ['one', 'two', 'three']) writeFileSync(join(folder, `${name}.txt`), `this is ${name}`);
  const memoryFile = join(mkdtempSync(join(tmpdir(), 'vmcp-memory-')), 'memory.jsonl');
  return {
    everything: fromNpm('everything', '@modelcontextprotocol/server-everything', ['stdio']),
    memory: {
      ...fromNpm('memory', '@modelcontextprotocol/server-memory'),
      env: { MEMORY_FILE_PATH: memoryFile },
    },
    filesystem: fromNpm('filesystem', '@modelcontextprotocol/server-filesystem', [folder]),
    folder,
  };
}
