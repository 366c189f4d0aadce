/** What a person is asked before a call is made, and what an answer means. */
import type { ToolCall } from '../../../gateway/index.ts';
import type { Redact } from '../../../lib/redact.ts';
import { isObject, type JsonObject, type JsonValue } from '../../../protocol/index.ts';

export const yes = 'yes';
export const yesToAll = 'yes to all calls of this tool in this script';
export const no = 'no';
export type Answer = typeof yes | typeof yesToAll | typeof no;

const maxArguments = 600;

/** One call, in one line that holds nothing but it: what it says of itself is quoted, cut and escaped. */
export function describeCall({ name, params, script }: ToolCall, redact: Redact): string {
  const written = redact(JSON.stringify(params['arguments'] ?? {}));
  const cut =
    written.length <= maxArguments
      ? written
      : `${written.slice(0, maxArguments)}… (${written.length} characters in all)`;
  const where = script?.line === undefined ? '' : ` (line ${script.line} of ${script.file ?? 'the script'})`;
  return `${visible(JSON.stringify(name))}${where} with the arguments ${visible(cut)}`;
}

/** Characters that are not seen, or that change how others are shown, as escapes. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** The parameters of `elicitation/create` for these calls, each described already. */
export function toForm(calls: readonly string[], inScript: boolean): JsonObject {
  const choices = inScript ? [yes, yesToAll, no] : [yes, no];
  const properties = Object.fromEntries(
    calls.map((_, index) => [
      `call_${index + 1}`,
      { type: 'string', title: `Call ${index + 1}`, enum: choices },
    ]),
  );
  const lines = calls.map((call, index) => `${index + 1}. ${call}`);
  const asker = inScript ? 'A script' : 'The client';
  const message = `${asker} wants to call:\n${lines.join('\n')}\nShall ${calls.length === 1 ? 'this call' : 'these calls'} be made?`;
  return { message, requestedSchema: { type: 'object', properties, required: Object.keys(properties) } };
}

/** The answers of a form, one for each call. What is not clearly a yes is a no. */
export function answersOf(reply: JsonObject, count: number): Answer[] {
  const content = reply['action'] === 'accept' && isObject(reply['content']) ? reply['content'] : {};
  return Array.from({ length: count }, (_, index) => toAnswer(content[`call_${index + 1}`]));
}

function toAnswer(value: JsonValue | undefined): Answer {
  return value === yes || value === yesToAll ? value : no;
}
