/**
 * What the Model Context Protocol says, without a transport: JSON values, errors, revisions and methods. Both sides of
 * the gateway, its domain and its features speak in these terms. Imports `lib` alone.
 */
export { isObject } from './json.ts';
export type { JsonObject, JsonValue } from './json.ts';
export {
  AbandonedError,
  abortReason,
  CancelledError,
  DeniedError,
  errorCodes,
  InputRefusedError,
  ProtocolError,
} from './errors.ts';
export { isGatewayMethod, isKnownMethod, isServedIn, knownMethods, methodEntry } from './methods.ts';
export type { GatewayMethod, KnownMethod, ListMethod, MethodEntry } from './methods.ts';
export { kindOf, misfitText, repairEntry, repairMessage } from './fields/index.ts';
export type { ListName, MessageKind, Misfit } from './fields/index.ts';
