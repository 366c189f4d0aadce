/** The oldest Node that runs vmcp: `engines` of `package.json`. */
export const leastNode = '22.18';

/**
 * Why this Node cannot run vmcp; undefined when it can. Knows nothing that an old one lacks, nor does what it imports.
 * @param version such as `20.19.0`
 */
export function unfitNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = leastNode.split('.').map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return (
    `vmcp: expected Node ${leastNode} or later, found ${version}, and none newer on PATH; ` +
    'install one from https://nodejs.org, or with "nvm install 24"\n'
  );
}
