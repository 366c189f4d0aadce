/** Completion for shells, from the table of commands. */
import { commandNames, commands } from '../kit/commands.ts';
import type { CommandSpec } from '../kit/command-spec.ts';
import { parseOptions } from '../kit/options.ts';
import { exitCodes, type RunCommand, UsageError } from '../kit/terminal.ts';
import { didYouMean } from '../../lib/near-miss.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** `vmcp completion SHELL`: the script that a shell reads at its start. */
export const runCompletion: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.completion);
  const [shell] = options.operands;
  if (shell === undefined) throw new UsageError(`SHELL is missing; there are ${shells.join(', ')}`);
  const known = shells.find((each) => each === shell);
  if (known === undefined)
    throw new UsageError(
      `unknown shell "${shell}".${didYouMean(shell, shells)} There are ${shells.join(', ')}`,
    );
  terminal.out(completionFor(known));
  return exitCodes.done;
};

/** The script of one shell. */
export function completionFor(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

/** What may stand for a value or an operand: words, files, or anything. */
type Candidates = { readonly words: readonly string[] } | 'files' | 'anything';

function candidatesOf({
  words,
  value = '',
}: {
  words?: readonly string[] | undefined;
  value?: string | undefined;
}): Candidates {
  if (words !== undefined) return { words };
  return /FILE|CONFIG|SCRIPT/.test(value) ? 'files' : 'anything';
}

function operandsOf({ operands = [] }: CommandSpec): Candidates {
  const [first] = operands;
  return first === undefined ? 'anything' : candidatesOf({ words: first.words, value: first.name });
}

function bash(): string {
  const cases = commandNames.map((name) => {
    const spec: CommandSpec = commands[name];
    const values = Object.entries(spec.options).filter(([, { type }]) => type === 'string');
    const ofOptions = values.map(([option, { short, words, value }]) => {
      const names = [`--${option}`, ...(short === undefined ? [] : [`-${short}`])].join('|');
      return `        ${names}) ${bashReply(candidatesOf({ words, value }))}; return ;;`;
    });
    const flags = Object.entries(spec.options).flatMap(([option, { short }]) => [
      `--${option}`,
      ...(short === undefined ? [] : [`-${short}`]),
    ]);
    return `    ${name})
      case $previous in
${ofOptions.join('\n')}
      esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W '${[...flags, '--help'].join(' ')}' -- "$word"))
      else
        ${bashReply(operandsOf(spec))}
      fi ;;`;
  });
  return `# Completion of vmcp for bash. Put into ~/.bashrc: source <(vmcp completion bash)
_vmcp() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${[...commandNames, 'help', '--help', '--version'].join(' ')}' -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
    help) COMPREPLY=($(compgen -W '${commandNames.join(' ')}' -- "$word")) ;;
  esac
}
complete -o filenames -F _vmcp vmcp
`;
}

function bashReply(candidates: Candidates): string {
  if (candidates === 'anything') return ':';
  if (candidates === 'files') return 'COMPREPLY=($(compgen -f -- "$word"))';
  return `COMPREPLY=($(compgen -W '${candidates.words.join(' ')}' -- "$word"))`;
}

function zsh(): string {
  const described = commandNames.map((name) => `    ${quoted(`${name}:${escaped(commands[name].summary)}`)}`);
  const cases = commandNames.map((name) => {
    const spec: CommandSpec = commands[name];
    const options = Object.entries(spec.options).flatMap(
      ([option, { short, help, type, value, words, multiple }]) => {
        const repeat = multiple === true ? '*' : '';
        const names = [`--${option}`, ...(short === undefined ? [] : [`-${short}`])];
        const argument =
          type === 'boolean' ? '' : `:${value ?? 'value'}:${zshAction(candidatesOf({ words, value }))}`;
        return names.map((each) => `        ${quoted(`${repeat}${each}[${escaped(help)}]${argument}`)}`);
      },
    );
    const { operands = [] } = spec;
    const rest = operands.map(({ name: operand, multiple, words }) => {
      const action = zshAction(candidatesOf({ words, value: operand }));
      return `        ${quoted(`${multiple === true ? '*' : ''}:${escaped(operand)}:${action}`)}`;
    });
    return `      ${name})
        _arguments -s \\
${[...options, ...rest].join(' \\\n')} ;;`;
  });
  return `#compdef vmcp
# Completion of vmcp for zsh. Put into a folder of $fpath: vmcp completion zsh > ~/.zfunc/_vmcp
_vmcp() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join('\n')}
      help) _describe command commands ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _vmcp "$@"
else
  compdef _vmcp vmcp
fi
`;
}

function zshAction(candidates: Candidates): string {
  if (candidates === 'anything') return '';
  return candidates === 'files' ? '_files' : `(${candidates.words.join(' ')})`;
}

/** Colons and brackets part the fields of a specification. */
function escaped(text: string): string {
  return text.replaceAll(/[:[\]\\]/g, '\\$&');
}

function fish(): string {
  const lines = commandNames.flatMap((name) => {
    const spec: CommandSpec = commands[name];
    const seen = `-n '__fish_seen_subcommand_from ${name}'`;
    const options = Object.entries(spec.options).map(([option, { short, help, type, value, words }]) => {
      const argument = type === 'boolean' ? '' : ` -r${fishAction(candidatesOf({ words, value }))}`;
      return `complete -c vmcp ${seen} -l ${option}${short === undefined ? '' : ` -s ${short}`}${argument} -d ${quoted(help)}`;
    });
    const operands = operandsOf(spec);
    const rest = operands === 'anything' ? [] : [`complete -c vmcp ${seen}${fishAction(operands)}`];
    return [
      `complete -c vmcp -n __fish_use_subcommand -a ${name} -d ${quoted(spec.summary)}`,
      ...options,
      ...rest,
    ];
  });
  return `# Completion of vmcp for fish. Put into: vmcp completion fish > ~/.config/fish/completions/vmcp.fish
complete -c vmcp -f
${lines.join('\n')}
`;
}

function fishAction(candidates: Candidates): string {
  if (candidates === 'anything') return ' -f';
  return candidates === 'files' ? ' -F' : ` -f -a ${quoted(candidates.words.join(' '))}`;
}

/** In single quotes, in which no shell looks for anything. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
