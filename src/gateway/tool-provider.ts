import type { Ask, Origin, Ran, RequestOf, Tool, ToolCall, ToolResult } from './request.ts';

/** Why a direct call is refused. */
export interface Refused {
  /** What the client is answered. */
  readonly result: ToolResult;
  /** The tool that would have run. */
  readonly tool: string;
}

/**
 * A feature that has tools of its own. It stands above the catalogue and below the stages at `every`: its tools are
 * counted, recorded and authorized like any other. What it asks for (`ask`) passes those stages again, with the origin
 * `script`, and is to name the call that it is a part of (`within: call.trail`).
 */
export interface ToolProvider {
  /** The names of its tools. No backend's tool may have one of them: it is left out of the list, with a warning. */
  readonly names: readonly string[];
  /** As what a client's call of its tools is counted. */
  readonly countAs: Ran['countAs'];
  /** False where its tools do not exist for requests of this origin: a script cannot run a script. */
  isOpenTo(origin: Origin): boolean;
  /**
   * The list that a caller is shown, made of the one below: with its own tools in it, and without those it stands in for.
   * `ownBelow` names the tools in that list which other providers own.
   * Gives the same array for the same list below, so that what others made of it can be kept.
   */
  list(
    below: Tool[],
    request: RequestOf<'tools/list'>,
    ask: Ask,
    ownBelow: ReadonlySet<string>,
  ): Promise<Tool[]>;
  /**
   * Refuses a client's own call of a tool that is not one of its tools; undefined lets it pass. A refused call counts as
   * a `tool_call` that failed.
   */
  refuse?(call: ToolCall, ask: Ask): Promise<Refused | undefined>;
  /**
   * The list that a client is shown who sees all of `tools`, where none of the other providers' tools is among them.
   * Asks nothing. Gives the same array for the same `tools`.
   */
  shownFor?(tools: readonly Tool[]): readonly Tool[];
  /** Answers a call of one of its tools. */
  call(call: ToolCall, ask: Ask): Promise<ToolResult>;
}
