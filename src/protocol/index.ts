/**
 * What the Model Context Protocol says, without a transport: JSON values and errors. Both sides of the gateway, its
 * domain and its features speak in these terms. Imports `lib` alone.
 */
export { isObject } from './json.ts';
export type { JsonObject, JsonValue } from './json.ts';
export { AbandonedError, CancelledError, errorCodes, InputRefusedError, ProtocolError } from './errors.ts';
