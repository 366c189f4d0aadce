/** The manual page, from the table of commands. */
import { commandNames, commands } from '../kit/commands.ts';
import type { CommandSpec } from '../kit/command-spec.ts';
import { optionLabel, optionWords } from '../kit/help.ts';

/** The page `vmcp(1)` as `man` reads it. @param version of the package */
export function manPage(version: string): string {
  const lines = [
    `.TH VMCP 1 "" "vmcp ${version}" "User Commands"`,
    '.SH NAME',
    'vmcp \\- one MCP endpoint in front of many MCP servers',
    '.SH SYNOPSIS',
    '.B vmcp',
    '.I COMMAND',
    '.RI [ OPTION ]...',
    '.SH DESCRIPTION',
    ...paragraphs(
      'Serves many MCP servers as one, with code mode: scripts that call many tools in one go. ' +
        'Each command has its own --help.',
    ),
    '.SH COMMANDS',
    ...commandNames.flatMap((name) => section(name, commands[name])),
    '.SH EXIT STATUS',
    '.TP',
    '.B 0',
    'Done.',
    '.TP',
    '.B 1',
    'The input was at fault: a configuration, a script, a server that cannot be reached.',
    '.TP',
    '.B 2',
    'Wrong usage.',
    '.TP',
    '.B 130',
    'Interrupted.',
  ];
  return `${lines.join('\n')}\n`;
}

function section(
  name: string,
  { usage, about, options, environment = {}, examples = [] }: CommandSpec,
): string[] {
  return [
    `.SS vmcp ${roff(name)}`,
    ...usage.flatMap((line, index) => [
      ...(index === 0 ? [] : ['.br']),
      `.B ${roff(`vmcp ${name} ${line}`)}`,
    ]),
    ...paragraphs(about),
    ...Object.entries(options).flatMap(([option, spec]) => [
      '.TP',
      `.B ${roff(optionLabel(option, spec))}`,
      roff(sentence(optionWords(spec))),
    ]),
    ...Object.entries(environment).flatMap(([variable, words]) => [
      '.TP',
      `.B ${roff(variable)}`,
      roff(sentence(words)),
    ]),
    ...examples.flatMap(({ line, says }) => [
      '.PP',
      `${roff(sentence(says))}`,
      '.EX',
      roff(`    ${line}`),
      '.EE',
    ]),
  ];
}

function paragraphs(text: string): string[] {
  return text
    .trim()
    .split(/\n\n+/)
    .flatMap((paragraph) => ['.PP', roff(paragraph.replaceAll('\n', ' '))]);
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** Without what `roff` would read as a command. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}
