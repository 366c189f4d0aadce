/** What a feature takes of the configuration: the kinds of keys that its block is made of. */
export type { z } from 'zod';
export { duration } from './duration.ts';
export { choice, count, flag, list, notBuilt, openFlag, openText, section, someText } from './parts.ts';
export { size } from './size.ts';
export { openWebUrl, webUrl } from './url.ts';
