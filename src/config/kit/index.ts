/** What a feature takes of the configuration: the kinds of keys that its block is made of. */
export type { z } from 'zod';
export { is, isFilled, isYes, says, where } from './editor-rules.ts';
export { duration, refillPeriod } from './duration.ts';
export {
  choice,
  count,
  either,
  flag,
  jsonObject,
  type JsonMapping,
  list,
  notBuilt,
  openFlag,
  openText,
  section,
  someText,
  wholeNumber,
} from './parts.ts';
export { openSize, size } from './size.ts';
export { openWebUrl, webUrl } from './url.ts';
