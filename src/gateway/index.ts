/**
 * The domain: tools, callers, backends, routing, name conflicts. The interfaces that every other folder meets at live
 * here. Nothing in it knows a transport, a file or a metric.
 */
export type { CallingScript } from './calling-script.ts';
export type { Aggregate, AggregateOptions } from './routing/aggregate.ts';
export { aggregate } from './routing/aggregate.ts';
export type { BackendLease } from './backend/backend-pool.ts';
export { BackendPool } from './backend/backend-pool.ts';
export type { BackendPresentation } from './catalogue/capabilities.ts';
export type { ToolOrigin } from './catalogue/merge.ts';
export type { NameStrategy } from './catalogue/names.ts';
export { superviseBackend } from './backend/supervise.ts';
export { perCallerBackend } from './backend/per-caller-backend.ts';
export type { SuperviseOptions } from './backend/supervise-options.ts';
export { probeClient } from './backend/probe-client.ts';
export type { WaitLimits } from './wait-for.ts';
export { waitFor } from './wait-for.ts';
export type { ToolOverride, WorkloadTools } from './catalogue/tool-view.ts';
export type {
  Backend,
  BackendClient,
  BackendClientEvent,
  BackendErrorCode,
  BackendEvent,
  BackendHealth,
  BackendInfo,
  BackendRequest,
  BackendRequestRecord,
  BackendStatus,
  BackendTransport,
  BackendTuning,
  Catalogue,
  Listing,
} from './backend/backend.ts';
export { BackendError } from './backend/backend.ts';
export { holderOf } from './caller.ts';
export type { CallContext, Caller, ClientPort, Revision, TraceContext } from './caller.ts';
export type { Authentication, AuthenticationRefusal, Authenticator, RequestHead } from './authenticator.ts';
export { requireCurrentCredential } from './current-credential.ts';
export { anonymous, isExpired, isSamePrincipal, principalKey } from './principal.ts';
export type { Principal } from './principal.ts';
export { SubjectToken } from './subject-token.ts';
export type { Gateway, GatewayEvent, RequestSource } from './gateway.ts';
export { createPipeline, onlyFor } from './pipeline.ts';
export { noWishes, WishError, wishesOf, type Wish, type Wishes } from './wishes.ts';
export type { EventStage, Next, PipelineParts, Stage } from './pipeline.ts';
export type { Occurrence, OnOccurrence, Sender, Trail } from './record.ts';
export { noClient } from './request.ts';
export type {
  Ask,
  Description,
  Origin,
  PassedRequest,
  PerMethod,
  Place,
  Places,
  Ran,
  Request,
  RequestContext,
  RequestMethod,
  RequestOf,
  Result,
  ResultOf,
  ServerCapabilities,
  Tool,
  ToolCall,
  ToolResult,
} from './request.ts';
export type { ToolProvider } from './tool-provider.ts';
export { CredentialError } from './outgoing-credential.ts';
export type { CredentialContext, CredentialHeaders, OutgoingCredential } from './outgoing-credential.ts';
export { hideSecrets } from './backend/hide-secrets.ts';
export { leaveUnread, takeUnreadText } from './unread-text.ts';
export { writtenResult, writtenText } from './written-result.ts';
export { OwnTaskOwners, type TaskOwner, type TaskOwners } from './routing/task-owners.ts';
