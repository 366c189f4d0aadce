/** A part of a URL as it is meant; one in which a percent sign begins no escape stands for itself. */
export function percentDecoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
