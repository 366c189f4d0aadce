/** What this server is called towards OAuth clients: the protected resource, and where its metadata is (RFC 9728). */
import type { RequestHead } from '../../../gateway/index.ts';
import type { Site } from '../../feature.ts';

export const metadataPath = '/.well-known/oauth-protected-resource';

const mcpPath = '/mcp';

export interface ResourceTerms {
  /** `oidc.resource`, where the file has it. */
  readonly resource?: string | undefined;
  readonly audience: string;
  readonly site: Pick<Site, 'isLoopback' | 'publicUrl'>;
}

/**
 * The URL of the resource: as written, else below `publicUrl`, else the audience where that is a URL, else, on loopback
 * alone, what the request calls this server. Undefined where nothing tells it.
 */
export function resourceOf(
  { resource, audience, site }: ResourceTerms,
  request: RequestHead,
): string | undefined {
  if (resource !== undefined) return resource;
  if (site.publicUrl !== undefined) return site.publicUrl + mcpPath;
  if (/^https?:\/\//.test(audience) && URL.canParse(audience)) return audience;
  const address = loopbackAddress(site, request);
  return address && address + mcpPath;
}

/** The URL of the resource's metadata; undefined where the resource has no URL. */
export function metadataUrlOf(terms: ResourceTerms, request: RequestHead): string | undefined {
  const { site } = terms;
  // A proxy may know this server by a path of its own, below which the metadata must be asked for, too.
  const address = site.publicUrl ?? loopbackAddress(site, request);
  if (address !== undefined) return address + metadataPath + mcpPath;
  const url = URL.parse(resourceOf(terms, request) ?? '');
  return url === null ? undefined : url.origin + metadataPath + (url.pathname === '/' ? '' : url.pathname);
}

function loopbackAddress(
  { isLoopback }: Pick<Site, 'isLoopback'>,
  { headers }: RequestHead,
): string | undefined {
  return isLoopback && headers['host'] !== undefined ? `http://${String(headers['host'])}` : undefined;
}
