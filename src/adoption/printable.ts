/** What strangers say (labels, error messages), as a terminal may show it. */

/** Nothing in the text moves the cursor or rings the bell. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '�');
}

/** The same as one line, for what may be of several. */
export function printableLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ')).trim();
}
