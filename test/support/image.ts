/** The image as a test builds and runs it, in a store of its own that is removed with it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { skipWithout } from './counterpart.ts';

/** Why the image cannot be built and run here, or false; in CI it must be. */
export function skipWithoutImageTools(): string | false {
  return skipWithout('buildah') || skipWithout('podman') || skipWithout('runc');
}

const repositoryRoot = join(import.meta.dirname, '../..');
/** Machines whose control groups are of both versions at once are refused by podman's own choice of runtime. */
const podmanOptions = ['--cgroup-manager', 'cgroupfs', '--runtime', 'runc'];
/** What Kubernetes' restricted standard allows, and limits that need no right to raise them. */
const restricted = [
  '--read-only',
  '--cap-drop=all',
  '--security-opt=no-new-privileges',
  ...['--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=4096:4096'],
];

export interface RunOptions {
  /** The folder that is mounted where the configuration is read. */
  readonly configFolder: string;
  /** As podman writes sizes; no limit unless given. */
  readonly memory?: string;
}

/** A running container, on the machine's own network. */
export interface Container {
  /** Of its first process, as this machine counts. */
  readonly pid: number;
  /** Where it serves. */
  readonly origin: string;
  log(): Promise<string>;
  signal(name: 'SIGTERM'): Promise<void>;
  /** Resolves with the exit code once it has ended. */
  ended(): Promise<number>;
  wasOutOfMemory(): Promise<boolean>;
}

/** A store of images. */
export class ImageStore {
  readonly #folder = mkdtempSync(join(tmpdir(), 'vmcp-images-'));
  readonly #env: NodeJS.ProcessEnv;
  readonly #containers: string[] = [];

  constructor() {
    const file = join(this.#folder, 'storage.conf');
    const [graph, run] = ['graph', 'run'].map((name) => join(this.#folder, name));
    writeFileSync(file, `[storage]\ndriver = "overlay"\ngraphroot = "${graph}"\nrunroot = "${run}"\n`);
    this.#env = { ...process.env, CONTAINERS_STORAGE_CONF: file, BUILDAH_ISOLATION: 'chroot' };
  }

  /** `npm run image` with these arguments; what it printed. */
  build(...args: string[]): Promise<string> {
    return this.#run(process.execPath, [join(repositoryRoot, 'scripts/image.ts'), ...args]);
  }

  buildah(...args: string[]): Promise<string> {
    return this.#run('buildah', args);
  }

  podman(...args: string[]): Promise<string> {
    return this.#run('podman', [...podmanOptions, ...args]);
  }

  /** Runs the image as its manifest does, but on a free port. */
  async run(tag: string, { configFolder, memory }: RunOptions): Promise<Container> {
    const started = await this.podman(
      ...['run', '--detach', '--network=host', ...restricted],
      ...(memory === undefined ? [] : [`--memory=${memory}`]),
      ...['--volume', `${configFolder}:/etc/vmcp-config:ro`, tag],
      ...['serve', '--config=/etc/vmcp-config/config.yaml', '--host=0.0.0.0', '--port=0'],
    );
    const id = started.trim().split('\n').at(-1) ?? '';
    this.#containers.push(id);
    const inspect = async (format: string): Promise<string> =>
      (await this.podman('inspect', '--format', format, id)).trim();
    const log = (): Promise<string> => this.podman('logs', id);
    const origin = await eventually(async () => {
      const said = await log();
      const [, port] = /serves MCP on http:\/\/[^/]+:(\d+)/.exec(said) ?? [];
      if (port !== undefined) return `http://127.0.0.1:${port}`;
      throw new Error(`the container does not say where it serves; it said:\n${said}`);
    });
    return {
      pid: Number(await inspect('{{.State.Pid}}')),
      origin,
      log,
      signal: async (name) => void (await this.podman('kill', '--signal', name, id)),
      ended: async () => Number(await this.podman('wait', id)),
      wasOutOfMemory: async () => (await inspect('{{.State.OOMKilled}}')) === 'true',
    };
  }

  /** Ends all containers and removes all images. */
  async remove(): Promise<void> {
    for (const id of this.#containers) await this.podman('rm', '--force', '--time=0', id);
    await this.buildah('rmi', '--all', '--force');
    // The driver keeps its folder mounted onto itself.
    await this.#run('sh', ['-c', '! mountpoint -q "$0" || umount "$0"', join(this.#folder, 'graph/overlay')]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What a command printed, on both streams. @throws Error with all of it when it fails */
  async #run(command: string, args: readonly string[]): Promise<string> {
    const child = spawn(command, args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
    const [status] = (await once(child, 'close')) as [number | null];
    if (status !== 0) throw new Error(`\`${command} ${args.join(' ')}\` ended with ${status}:\n${printed}`);
    return printed;
  }
}

/** What a registry would hold of an image. */
export interface ImageContents {
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
  readonly config: {
    readonly User: string;
    readonly Labels: Readonly<Record<string, string>>;
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
  };
}

/** Pushes an image into a folder and reads what lies there. */
export async function contentsOf(store: ImageStore, tag: string): Promise<ImageContents> {
  const folder = mkdtempSync(join(tmpdir(), 'vmcp-oci-'));
  try {
    await store.buildah('push', '--quiet', tag, `oci:${folder}:image`);
    const read = (digest: string): unknown =>
      JSON.parse(readFileSync(join(folder, 'blobs/sha256', digest.slice('sha256:'.length)), 'utf8'));
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
      manifests: [{ digest: string }];
    };
    const manifest = read(index.manifests[0].digest) as {
      config: { digest: string };
      layers: ImageContents['layers'];
    };
    const { config } = read(manifest.config.digest) as { config: ImageContents['config'] };
    return { layers: manifest.layers, config };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
