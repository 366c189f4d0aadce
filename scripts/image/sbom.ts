import { libraryPackages, debianRecord, fieldOf } from './debian-records.ts';

/** A CycloneDX document, as far as it is read here. */
interface Bom {
  serialNumber?: string;
  readonly metadata: { timestamp?: string };
  readonly components: object[];
}

/**
 * Adds to npm's list of modules what else the image holds: Node and Debian's libraries. The number and the time that npm
 * gives each list are left out: with them the same modules would make another layer each time.
 * @param text what `npm sbom --sbom-format=cyclonedx` wrote
 */
export function completeSbom(text: string): string {
  const { serialNumber: _number, ...bom } = JSON.parse(text) as Bom;
  delete bom.metadata.timestamp;
  bom.components.push(nodeComponent(), ...libraryPackages.map(debianComponent));
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}

function nodeComponent(): object {
  const { node } = process.versions;
  return {
    'bom-ref': `node@${node}`,
    type: 'platform',
    name: 'node',
    version: node,
    purl: `pkg:generic/node@${node}`,
    cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
  };
}

function debianComponent(name: string): object {
  const record = debianRecord(name);
  const [version, architecture] = [fieldOf(record, 'Version'), fieldOf(record, 'Architecture')];
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}`;
  return { 'bom-ref': purl, type: 'library', name, version, purl };
}
