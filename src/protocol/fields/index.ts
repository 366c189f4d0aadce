/**
 * What each field of each message must be, and what is done where it is not. One table for both directions and all
 * revisions: as forgiving as the official client towards one odd field, without losing what stands beside it.
 */
export { repairEntry, type ListName } from './entries.ts';
export { misfitText, repairMessage, type MessageKind } from './messages.ts';
export { kindOf, type Misfit } from './shape.ts';
