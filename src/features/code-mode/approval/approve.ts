/** The stage that has a person say yes before a call is made. It stands behind policy: what that denies is never asked. */
import {
  onlyFor,
  type Place,
  type Places,
  type Stage,
  type ToolCall,
  type ToolResult,
} from '../../../gateway/index.ts';
import { anyGlob } from '../../../lib/glob.ts';
import { isObject, type JsonValue } from '../../../protocol/index.ts';
import { scriptToolName } from '../shared/names.ts';
import { ApprovalDesk, type DeskOptions, type Verdict } from './desk.ts';
import type { Action, ApprovalOptions } from './options.ts';
import { yes, yesToAll } from './question.ts';

export interface ApproveOptions extends Omit<DeskOptions, 'timeoutMs'> {
  readonly approval: ApprovalOptions;
  /** What saved tools say of themselves, by name. */
  readonly annotations: ReadonlyMap<string, JsonValue | undefined>;
}

const defaultTimeoutMs = 300_000;

/** Undefined where no call is ever asked about or denied. */
export function approveCalls({ approval, annotations, ...desk }: ApproveOptions): Stage | undefined {
  if (approval === 'never') return undefined;
  const rules = approval === 'destructive' ? undefined : approval;
  const asker = new ApprovalDesk({ ...desk, timeoutMs: rules?.timeout ?? defaultTimeoutMs });
  const decide = decider(approval);
  return onlyFor(['tools/call'], async (call, next) => {
    const { name, origin, fault, caller, client, signal } = call;
    const isAsked = origin === 'script' || (origin === 'client' && rules?.directCalls === true);
    if (!isAsked || fault !== undefined || name === scriptToolName) return next(call);
    const places = (await next({ method: 'locate', origin, caller, client, signal })) as Places;
    const place = places.tool(name);
    if (place === undefined) return next(call);
    const action = decide(name, hintsOf(name, place, annotations));
    if (action === 'allow') return next(call);
    if (action === 'deny') return refusal(`${name} was not called: codeMode.approval denies it.`);
    const verdict = await asker.ask(call);
    return verdict === yes || verdict === yesToAll ? next(call) : refusal(why(call, verdict));
  });
}

function decider(
  approval: Exclude<ApprovalOptions, 'never'>,
): (name: string, hints: JsonValue | undefined) => Action {
  if (approval === 'destructive') return (_, hints) => (isHarmless(hints) ? 'allow' : 'ask');
  const rules = approval.rules.map(({ tools, action }) => ({ fits: anyGlob([tools]), action }));
  return (name) => rules.find(({ fits }) => fits(name))?.action ?? approval.default;
}

/** By what the tool says of itself: a backend's claim, or what `overrides` makes of it. */
function isHarmless(hints: JsonValue | undefined): boolean {
  return isObject(hints) && (hints['readOnlyHint'] === true || hints['destructiveHint'] === false);
}

function hintsOf(
  name: string,
  { entry, own }: Place,
  annotations: ApproveOptions['annotations'],
): JsonValue | undefined {
  return own === undefined ? entry?.['annotations'] : annotations.get(name);
}

function why({ name, script }: ToolCall, verdict: Exclude<Verdict, typeof yes | typeof yesToAll>): string {
  const start = `${name} was not called`;
  switch (verdict) {
    case 'no':
      return `${start}: the user said no. Do not try again without asking them.`;
    case 'no answer':
      return `${start}: the user did not answer in time, which counts as no.`;
    case 'too many':
      return `${start}: too many questions of this user are open. Try again when they are answered.`;
    case 'cannot ask':
      return script === undefined
        ? `${start}: it needs the user's approval, and this client cannot be asked (it has no form elicitation).`
        : `${start}: it needs the user's approval, and the user cannot be asked from within this script. Call ` +
            `${name} directly, outside of a script, where the user can see the call.`;
  }
}

function refusal(text: string): ToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}
