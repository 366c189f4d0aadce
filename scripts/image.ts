/**
 * `npm run image`: builds the image with docker, podman or buildah, whichever works here, with the version and the
 * commit as labels.
 *
 *   npm run image -- [--tool NAME] [--tag NAME] [--base IMAGE] [--build-base IMAGE | --debian] [--npm-registry URL]
 *
 * `--base` is what the image starts from (`scratch`), `--build-base` Debian with Node for the stages before it. With
 * `--debian` that one is made from Debian's packages, for machines that reach no registry of images.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeDebianBase } from './image/debian-base.ts';
import { build, findTool, tools, type Tool } from './image/tool.ts';

const root = join(import.meta.dirname, '..');
const debianBase = 'localhost/vmcp-build-base';

const { values: options } = parseArgs({
  options: {
    tool: { type: 'string' },
    tag: { type: 'string' },
    base: { type: 'string' },
    'build-base': { type: 'string' },
    debian: { type: 'boolean' },
    'npm-registry': { type: 'string' },
  },
});

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const tool = options.tool === undefined ? findTool() : parseTool(options.tool);
const tag = options.tag ?? `vmcp:${version}`;
if (options.debian) makeDebianBase(tool, debianBase);
const buildBase = options.debian ? debianBase : options['build-base'];
build(tool, {
  tag,
  context: root,
  buildArguments: {
    ...(options.base !== undefined && { BASE: options.base }),
    ...(buildBase !== undefined && { BUILD_BASE: buildBase }),
    ...(options['npm-registry'] !== undefined && { NPM_REGISTRY: options['npm-registry'] }),
  },
  labels: { 'org.opencontainers.image.version': version, ...labelsOfCommit() },
});
console.log(`image: ${tag}, built with ${tool}`);

function parseTool(name: string): Tool {
  const found = tools.find((known) => known === name);
  if (found === undefined) throw new Error(`--tool: expected ${tools.join(', ')}, found "${name}"`);
  return found;
}

/** None where the source is not a clone. What is built twice from one commit has the same labels. */
function labelsOfCommit(): Record<string, string> {
  if (spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root }).status !== 0) return {};
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const changed = git('status', '--porcelain') === '' ? '' : '-changed';
  return {
    'org.opencontainers.image.revision': `${git('rev-parse', 'HEAD')}${changed}`,
    'org.opencontainers.image.created': git('log', '-1', '--format=%cI'),
  };
}
