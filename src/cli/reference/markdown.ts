/** The page `docs/cli.md`, from the table of commands. */
import { commandNames, commands, exitCodeLine } from '../kit/commands.ts';
import type { CommandSpec } from '../kit/command-spec.ts';
import { optionLabel, optionWords } from '../kit/help.ts';

/** The whole page. */
export function cliReference(): string {
  const list = commandNames.map((name) => `- [\`vmcp ${name}\`](#vmcp-${name}) ${commands[name].summary}`);
  return `# Command line

<!-- Written by \`npm run reference\` from src/cli/kit/commands.ts. -->

${list.join('\n')}

Results go to stdout, everything else to stderr. ${exitCodeLine}

Completion for a shell comes from \`vmcp completion bash\` (or \`zsh\`, \`fish\`), which says in its first
lines where it belongs. The package has a manual page, \`man vmcp\`.

${commandNames.map((name) => section(name, commands[name])).join('\n')}`;
}

function section(
  name: string,
  { usage, about, options, environment = {}, examples = [] }: CommandSpec,
): string {
  const parts = [
    `## vmcp ${name}`,
    `\`\`\`console\n${usage.map((line) => `$ vmcp ${name} ${line}`.trimEnd()).join('\n')}\n\`\`\``,
    prose(about),
    table(
      'option',
      Object.entries(options).map(([option, spec]) => [optionLabel(option, spec), optionWords(spec)]),
    ),
    table('environment', Object.entries(environment)),
    examples.length === 0
      ? ''
      : `\`\`\`console\n${examples.map(({ line, says }) => `$ ${line}   # ${says}`).join('\n')}\n\`\`\``,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Placeholders such as CLIENT or \${VAR} stay words; what Markdown would read as a mark does not. */
function prose(about: string): string {
  return about.trim().replaceAll(/[<>*_]/g, '\\$&');
}

function table(what: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return '';
  const lines = rows.map(
    ([label, words]) => `| \`${label}\` | ${words.replaceAll('|', '\\|').replaceAll(/[<>*]/g, '\\$&')} |`,
  );
  return [`| ${what} | |`, '| --- | --- |', ...lines].join('\n');
}
