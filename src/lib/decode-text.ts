/**
 * The text of a file. It is UTF-8 unless a byte order mark says that it is UTF-16, as what a shell of Windows redirects into
 * a file is. The mark is no part of the text; bytes that are none of that become U+FFFD.
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder().decode(bytes);
}
