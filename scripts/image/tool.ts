import { spawnSync } from 'node:child_process';

/** What can build an image here, in the order of preference. */
export const tools = ['docker', 'podman', 'buildah'] as const;
export type Tool = (typeof tools)[number];

/** The first that is installed and answers: a `docker` whose daemon does not run builds nothing. */
export function findTool(): Tool {
  const found = tools.find((tool) => spawnSync(tool, ['info'], { stdio: 'ignore' }).status === 0);
  if (found === undefined)
    throw new Error(
      `expected one of ${tools.join(', ')} that works here, found none (Debian: apt-get install podman)`,
    );
  return found;
}

export interface Build {
  readonly tag: string;
  /** The folder that is sent to the build. */
  readonly context: string;
  /** The Dockerfile; the one in the context unless given. */
  readonly file?: string;
  readonly buildArguments?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Builds an image, and says on the terminal what the tool says. @throws Error when it fails */
export function build(tool: Tool, { tag, context, file, buildArguments = {}, labels = {} }: Build): void {
  const pairs = (option: string, values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`]);
  run(tool, [
    'build',
    // Without it buildah makes one layer of all.
    ...(tool === 'buildah' ? ['--layers'] : []),
    ...['--tag', tag],
    ...(file === undefined ? [] : ['--file', file]),
    ...pairs('--build-arg', buildArguments),
    ...pairs('--label', labels),
    context,
  ]);
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`\`${command} ${args[0]}\` failed${error ? `: ${error.message}` : ''}`);
}
