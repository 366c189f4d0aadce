/** What a feature takes of the configuration: the kinds of keys that its block is made of. */
export type { z } from 'zod';
export { duration } from './duration.ts';
export { count, flag, section } from './parts.ts';
export { size } from './size.ts';
