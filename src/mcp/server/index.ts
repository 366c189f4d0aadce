/** The gateway as an MCP server towards clients. */
export { createMcpEndpoint } from './endpoint.ts';
export type { ChangedList, McpEndpoint } from './endpoint.ts';
export type { EndpointLimits, McpEndpointOptions, Operation } from './exchange/options.ts';
export type { SharedParts } from './exchange/shared-parts.ts';
