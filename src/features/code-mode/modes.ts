/** The modes of code mode: what a client is listed, by the mode in force and by what the client wished. */
import type { Wish, Wishes } from '../../gateway/index.ts';

/**
 * `alongside`: all tools and the script tool, whatever is wished. `optIn`: all tools, and code mode proper for a client
 * that wishes it. `default`: code mode proper, and all tools for a client that does not wish it. `enforced`: code mode
 * proper, and direct calls of tools that are not listed are refused.
 */
export const codeModes = ['alongside', 'optIn', 'default', 'enforced'] as const;
export type CodeModeName = (typeof codeModes)[number];

/** The wish of clients. It changes what is listed, never what may be called. */
export const codeModeWish: Wish = { name: 'codeMode', header: 'Vmcp-Code-Mode', values: ['on', 'off'] };

/**
 * What one client is listed. `alongside`: all tools and the script tool. `plain`: all tools. `proper`: the script tool,
 * tools of the gateway's own, and those that the configuration pins.
 */
export type Listing = 'alongside' | 'plain' | 'proper';

export function listingFor(mode: CodeModeName, wishes: Wishes = {}): Listing {
  const wish = wishes[codeModeWish.name];
  switch (mode) {
    case 'alongside':
      return 'alongside';
    case 'optIn':
      return wish === 'on' ? 'proper' : 'plain';
    case 'default':
      return wish === 'off' ? 'plain' : 'proper';
    case 'enforced':
      return 'proper';
  }
}
