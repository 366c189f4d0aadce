/** The words of `--help`, from the table of commands. */
import { commandNames, commands, exitCodeLine, type CommandName } from './commands.ts';
import type { OptionSpec } from './command-spec.ts';

const width = 80;
/** A left column beyond this has its help on the next line. */
const maxLeft = 28;

/** `vmcp --help`. */
export function overview(): string {
  const column = Math.max(...commandNames.map((name) => name.length)) + 3;
  const lines = commandNames.map((name) => `  ${name.padEnd(column)}${commands[name].summary}`);
  return `vmcp: one MCP endpoint in front of many MCP servers, with Starlark code mode

Usage: vmcp COMMAND [OPTION]...

${lines.join('\n')}

Each has its own --help. --version prints the version.
${exitCodeLine}
`;
}

/** `vmcp NAME --help`. */
export function commandHelp(name: CommandName): string {
  const { usage, about, options, environment = {}, examples = [] } = commands[name];
  const start = `Usage: vmcp ${name} `;
  const call = usage.flatMap((line, index) => {
    const lines = wrap(line, width - start.length);
    return lines.map((part, row) => (index + row === 0 ? start : ' '.repeat(start.length)) + part);
  });
  const sections = [
    call.map((line) => line.trimEnd()).join('\n'),
    about.trim(),
    table(Object.entries(options).map(([option, spec]) => [optionLabel(option, spec), optionWords(spec)])),
    Object.keys(environment).length === 0 ? '' : `Environment:\n${table(Object.entries(environment))}`,
    examples.map(({ line, says }) => `  ${line}\n      ${says}`).join('\n'),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** `-c, --config FILE` */
export function optionLabel(name: string, { short, value }: OptionSpec): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

/** What an option does, and that it may stand more than once. */
export function optionWords({ help, multiple }: OptionSpec): string {
  return multiple === true ? `${help}; may be repeated` : help;
}

function table(rows: readonly (readonly [label: string, words: string])[]): string {
  const labels = rows.map(([label]) => label.length).filter((length) => length <= maxLeft);
  const column = Math.max(0, ...labels) + 4;
  return rows
    .map(([label, words]) => {
      const [first = '', ...more] = wrap(words, width - column);
      const rest = more.map((line) => ' '.repeat(column) + line);
      const head = `  ${label}`;
      return head.length + 2 <= column
        ? [head.padEnd(column) + first, ...rest].join('\n')
        : [head, ' '.repeat(column) + first, ...rest].join('\n');
    })
    .join('\n');
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
