const parting = /[/?#]/g;
/** Of one URI; those that reach deeper have no further ones. */
const maxParts = 64;

/**
 * The URI, and those of all places that it lies in: what an update of it may be told under, since it "might be a
 * sub-resource of the one that the client actually subscribed to".
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/schema#resourceupdatednotificationparams
 */
export function placesOf(uri: string): readonly string[] {
  const places = [uri];
  let parts = 0;
  for (const { index } of uri.matchAll(parting)) {
    if (++parts > maxParts) break;
    places.push(uri.slice(0, index));
    if (uri[index] === '/') places.push(uri.slice(0, index + 1));
  }
  return places;
}
