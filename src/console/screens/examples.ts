/** Scripts to begin with, made of the tools that this server really has. */
import type { Signature } from '../editor/complete.ts';
import type { ToolView } from '../wire/index.ts';

export interface Example {
  readonly name: string;
  readonly script: string;
}

interface Candidate {
  readonly tool: ToolView;
  readonly name: string;
  readonly required: readonly string[];
}

export function examplesOf(
  tools: readonly ToolView[],
  signatures: ReadonlyMap<string, Signature>,
): Example[] {
  const candidates = tools.flatMap((tool): Candidate[] => {
    const name = signatures.get(tool.name)?.name;
    return name === undefined ? [] : [{ tool, name, required: requiredOf(tool) }];
  });
  const harmless = candidates.filter(({ tool }) => tool.readOnly);
  const plain = harmless.filter(({ required }) => required.length === 0);
  const withText = [...harmless, ...candidates].find(({ tool, required }) => takesOneText(tool, required));
  return [
    find,
    ...(plain.length > 0 ? [several(plain.slice(0, 3))] : []),
    ...(withText === undefined ? [] : [fanOut(withText)]),
  ];
}

const find: Example = {
  name: 'Find tools by what they do',
  script:
    '# Looks through the tools of this server, as an agent would.\nfound = search_tools("list")\nreturn [tool["name"] for tool in found][:10]\n',
};

function several(chosen: readonly Candidate[]): Example {
  const calls = chosen.map(({ name }) => `    lambda: ${name}(),`).join('\n');
  return {
    name: chosen.length === 1 ? 'Call a tool, keep the part that matters' : 'Call tools side by side',
    script: `# One script in place of ${chosen.length === 1 ? 'a call' : `${chosen.length} calls`}: they run at the same time, and only what\n# it returns reaches the model.\nanswers = parallel([\n${calls}\n])\nprint("asked", len(answers), "tools")\nreturn [{"kind": type(answer), "size": len(str(answer))} for answer in answers]\n`,
  };
}

function fanOut({ name, required }: Candidate): Example {
  return {
    name: 'One tool, many inputs',
    script: `# Calls a tool once for each input, all at the same time.\ninputs = ["one", "two", "three"]\nanswers = parallel([lambda text=text: ${name}(${required[0] ?? 'text'}=text) for text in inputs])\nreturn {text: answer for text, answer in zip(inputs, answers)}\n`,
  };
}

export function propertiesOf(tool: ToolView): string[] {
  const properties = tool.inputSchema['properties'];
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

function requiredOf({ inputSchema }: ToolView): string[] {
  const { required } = inputSchema;
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

function takesOneText({ inputSchema }: ToolView, required: readonly string[]): boolean {
  const [name] = required;
  const properties = inputSchema['properties'];
  if (required.length !== 1 || name === undefined || typeof properties !== 'object' || properties === null)
    return false;
  const schema = (properties as Record<string, { type?: unknown } | null>)[name];
  return schema?.type === 'string' && !/path|file|uri|url/i.test(name);
}
