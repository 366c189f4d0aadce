/** Every command. Others that are to be found, helped with and completed are entered here. */
import { clientIds } from './clients.ts';
import type { CommandSpec, OperandSpec, OptionSpec } from './command-spec.ts';

const config: OptionSpec = {
  type: 'string',
  short: 'c',
  value: 'FILE',
  help: 'the configuration (./vmcp.yaml)',
};

const configOperand: OperandSpec = {
  name: 'FILE',
  help: 'the configuration (./vmcp.yaml); the same as --config',
};

const toolOptions: Readonly<Record<string, OptionSpec>> = {
  config,
  url: {
    type: 'string',
    value: 'URL',
    help: 'a running server instead, such as http://127.0.0.1:4483/mcp',
  },
};

const toolEnvironment = { VMCP_TOKEN: 'sent to the server of --url as a bearer token' };

const dataHelp = 'an object whose keys are variables of the script; @FILE reads it from a file';

export const commandNames = [
  'serve',
  'validate',
  'init',
  'tools',
  'call',
  'run',
  'star',
  'connect',
  'auth',
  'key',
  'policy',
  'adoption',
  'plan',
  'doctor',
  'completion',
] as const;
export type CommandName = (typeof commandNames)[number];

export const commands: Readonly<Record<CommandName, CommandSpec>> = {
  serve: {
    summary: 'serves the MCP servers of a configuration file as one',
    usage: ['[FILE] [OPTION]...'],
    about: `
Serves the backends of FILE as one MCP server: /mcp, /metrics, /health, /readyz
and /status. One line on stderr says the URL when it is ready. FILE is watched;
a sound change takes effect at once, a broken one changes nothing. SIGHUP reads
it again; SIGTERM and Ctrl-C let calls in flight finish and end every child.

On a terminal it shows its backends until they have settled, and then its log as
short lines; elsewhere the log is a JSON object a line.
`,
    operands: [configOperand],
    options: {
      config,
      host: {
        type: 'string',
        value: 'ADDRESS',
        help: 'where to listen (127.0.0.1); beyond loopback FILE must have incomingAuth',
      },
      port: { type: 'string', value: 'PORT', help: '0 picks a free one (4483; with --stdio 0)' },
      'session-ttl': { type: 'string', value: 'TIME', help: 'how long an idle session lives (30m)' },
      'allowed-host': {
        type: 'string',
        value: 'NAME',
        multiple: true,
        help: 'a host name that passes, as a proxy or a container is asked by',
      },
      'allowed-origin': {
        type: 'string',
        value: 'ORIGIN',
        multiple: true,
        help: 'a site whose pages may ask, such as https://chat.example.com',
      },
      verbose: { type: 'boolean', help: 'shows each call, and what backends write to stderr' },
      quiet: { type: 'boolean', short: 'q', help: 'says only what is wrong, and where it serves' },
      stdio: { type: 'boolean', help: 'speaks MCP on stdin and stdout; the rest stays on HTTP' },
      'code-mode': {
        type: 'string',
        value: 'on|off',
        words: ['on', 'off'],
        help: 'with --stdio: what this client wishes, where codeMode.mode leaves it the choice',
      },
    },
  },
  validate: {
    summary: 'prints every problem of a configuration file',
    usage: ['[FILE] [OPTION]...'],
    about: `
Prints every problem of FILE as file:line:column: message. Exits with 0 when it
can be served, with 1 when it cannot.
`,
    operands: [configOperand],
    options: {
      config,
      strict: { type: 'boolean', help: 'exits with 1 on a warning too' },
      'check-tools': {
        type: 'boolean',
        help: 'starts the backends, and checks saved tools against theirs',
      },
    },
  },
  init: {
    summary: "writes a starter configuration, or one made from a client's",
    usage: ['[--from CLIENT_CONFIG] [-o FILE]'],
    about: `
Writes a configuration to stdout, or to FILE, which must not exist yet: one to
begin with, or one with the servers of an MCP client. Without --from it looks
where clients on this machine keep theirs, and asks which to take over.

Headers, environment, filters and timeouts are carried over; secrets become
\${VAR} references. Which variables are to be set, and what could not be carried
over, is said on stderr. Code mode is on in what is written.
`,
    options: {
      from: {
        type: 'string',
        value: 'CLIENT_CONFIG',
        help:
          'the configuration of an MCP client (Claude Desktop, VS Code, Cursor, Codex, Goose, Continue and others, as ' +
          "JSON, TOML or YAML), or a VirtualMCPServer's manifest",
      },
      output: { type: 'string', short: 'o', value: 'FILE', help: 'where to write it' },
    },
  },
  tools: {
    summary: 'lists the tools of a configuration or of a running server',
    usage: ['[QUERY] [--config FILE | --url URL] [--json]'],
    about: `
Lists every tool, or those in which each word of QUERY occurs. Where QUERY is
the name of a tool, shows that tool with its arguments.
`,
    operands: [{ name: 'QUERY', help: 'words to look for, or the name of a tool', multiple: true }],
    options: {
      ...toolOptions,
      json: { type: 'boolean', help: 'prints the tools as the protocol has them, as a JSON list' },
    },
    environment: toolEnvironment,
  },
  call: {
    summary: 'calls a tool, and prints its result as JSON',
    usage: ['TOOL [key=value... | JSON | -] [--config FILE | --url URL] [--json]'],
    about: `
Calls TOOL and prints the value that it answers as JSON on stdout, and nothing
else there. What the tool says of its progress, and of its failure, goes to
stderr; a failure exits with 1.

Each value is read by the type that the tool's schema gives it: n=3 is a number
where one is expected. A key that is given twice makes a list. key:=JSON takes
the value as JSON. Or all arguments are one JSON object; "-" reads it from
stdin.
`,
    operands: [
      { name: 'TOOL', help: 'the tool\'s name, as "vmcp tools" lists it' },
      { name: 'key=value', help: 'an argument', multiple: true },
    ],
    options: {
      ...toolOptions,
      json: { type: 'boolean', help: 'prints the whole result as the protocol has it' },
    },
    environment: toolEnvironment,
    examples: [
      { line: 'vmcp call memory_search_nodes query=otters', says: 'with the tools of ./vmcp.yaml' },
      {
        line: 'vmcp call files_read_file \'{"path": "a"}\' --url http://127.0.0.1:4483',
        says: 'with those of a server that runs',
      },
    ],
  },
  run: {
    summary: 'runs a script of code mode with the tools, and prints its result',
    usage: ['SCRIPT.star [--data JSON] [--dry-run] [--config FILE | --url URL] [--json]'],
    about: `
Runs SCRIPT.star, or what comes on stdin where it is "-", as an agent's call of
execute_tool_script would, and prints what it returns as JSON on stdout. What it
prints goes to stderr; a failure exits with 1. With a configuration the script
runs whether its code mode is on or not.

With --dry-run nothing of the script runs and no tool is called: names are
resolved, and the arguments that the script writes out are checked against the
tools' schemas. The calls found are printed as JSON.
`,
    operands: [{ name: 'SCRIPT.star', help: 'the script; "-" for stdin' }],
    options: {
      data: { type: 'string', value: 'JSON', help: dataHelp },
      'dry-run': { type: 'boolean', help: 'checks the script, and calls nothing' },
      ...toolOptions,
      json: { type: 'boolean', help: 'prints the whole result as the protocol has it' },
    },
    environment: toolEnvironment,
  },
  star: {
    summary: 'runs a Starlark file without any gateway',
    usage: ['[OPTION]... FILE'],
    about: `
Runs a Starlark file, or what comes on stdin where FILE is "-". What it prints
goes to stderr; an error prints a traceback and exits with 1.

With --script the file is one of code mode: it may return at the top level, has
parallel, attempt and sum, finds the keys of --data as variables, and what it
returns is printed as JSON on stdout. It has no tools; "vmcp run" runs a script
with those of a server.
`,
    operands: [{ name: 'FILE', help: 'the program; "-" for stdin' }],
    options: {
      option: {
        type: 'string',
        value: 'NAME',
        multiple: true,
        help: 'a dialect option: set, while, recursion, toplevelcontrol, globalreassign',
        words: ['set', 'while', 'recursion', 'toplevelcontrol', 'globalreassign'],
      },
      script: { type: 'boolean', help: "runs the file in code mode's dialect" },
      data: { type: 'string', value: 'JSON', help: dataHelp },
    },
  },
  connect: {
    summary: 'writes this server into the configuration of MCP clients',
    usage: ['[CLIENT...] [--dry-run] [--remove] [--url URL]'],
    about: `
Writes the server's URL into the configuration of each CLIENT, or of every
client that is found on this machine, and prints what it changes. Each file that
it changes is copied first. What is there already is not written again.

Clients: ${clientIds.slice(0, 6).join(', ')},
${clientIds.slice(6).join(', ')}.
`,
    operands: [{ name: 'CLIENT', help: 'a client, by the name above', multiple: true, words: clientIds }],
    options: {
      'dry-run': { type: 'boolean', help: 'prints the changes, and writes nothing' },
      remove: { type: 'boolean', help: 'takes the server out again' },
      url: { type: 'string', value: 'URL', help: 'the server (http://127.0.0.1:4483/mcp)' },
      name: { type: 'string', value: 'NAME', help: 'what clients call the server (vmcp)' },
      config: {
        ...config,
        help: 'what a client that can only start a process serves (./vmcp.yaml)',
      },
    },
    examples: [
      { line: 'vmcp connect --dry-run', says: 'what would be written, for every client found' },
      { line: 'vmcp connect cursor codex', says: 'writes it for these two' },
    ],
  },
  auth: {
    summary: 'logs in to backends that want OAuth',
    usage: [
      'login BACKEND [--no-browser] [--config FILE]',
      'logout BACKEND [--config FILE]',
      'status [BACKEND] [--config FILE] [--json]',
      'list [--json]',
    ],
    about: `
Keeps logins for backends that have "oauth" in the configuration. "login" opens
the page of the backend's authorization server in a browser, and prints its URL;
where the browser is on another machine, paste the address that it ends at. The
login is for every caller, is renewed by itself, and is used by a server that
runs within a second. "logout" ends it, at that server too where it takes that.
"status" tells of the backends of the configuration, "list" of all logins.

Logins are encrypted with VMCP_SECRET_KEY, which the server needs, too. Without
it none is kept.
`,
    operands: [
      {
        name: 'ACTION',
        help: 'login, logout, status or list',
        words: ['login', 'logout', 'status', 'list'],
      },
      { name: 'BACKEND', help: 'its name in the configuration' },
    ],
    options: {
      config,
      'no-browser': { type: 'boolean', help: 'prints the URL alone' },
      json: { type: 'boolean', help: 'prints as JSON' },
    },
    environment: {
      VMCP_SECRET_KEY: 'base64 of 32 bytes; two with a comma between while one replaces the other',
      XDG_STATE_HOME: 'the folder above vmcp/tokens.json (~/.local/state)',
    },
    examples: [{ line: 'vmcp auth login linear', says: 'logs in to the backend "linear"' }],
  },
  key: {
    summary: 'makes an API key for a caller',
    usage: ['NAME [OPTION]...'],
    about: `
Makes an API key for the caller NAME, and prints it with the lines to paste into
the configuration, which hold its hash alone. The key is not stored anywhere.
`,
    operands: [{ name: 'NAME', help: 'the caller who gets the key' }],
    options: {
      group: { type: 'string', value: 'GROUP', multiple: true, help: 'a group of the caller' },
      json: { type: 'boolean', help: 'prints name, key, sha256 and groups as JSON' },
    },
  },
  policy: {
    summary: 'says who may use which tool, and why',
    usage: ['explain --principal JSON --tool NAME [--args JSON]', 'table [--principal JSON]... [--csv]'],
    about: `
Asks the policies of incomingAuth.authz. The backends are started, since
policies may depend on whose a tool is and on its hints.

explain says whether a caller may call a tool, which policies decide that and
where they stand, and what would have to be different. A caller is the claims of
a token, or {"apiKey": NAME}. It ends with 1 where the call is denied.

table lists the tools by callers: those of --principal, or the groups that
policies name and the API keys. "arguments" means that it depends on them.
`,
    operands: [{ name: 'QUESTION', help: 'explain or table', words: ['explain', 'table'] }],
    options: {
      config,
      principal: {
        type: 'string',
        value: 'JSON',
        multiple: true,
        help: 'claims of a caller, or {"apiKey": NAME}',
      },
      tool: { type: 'string', value: 'NAME', help: 'the tool, as "vmcp tools" lists it' },
      args: { type: 'string', value: 'JSON', help: 'arguments of the call ({})' },
      csv: { type: 'boolean', help: 'prints the table as CSV' },
      json: { type: 'boolean', help: 'prints the answer as JSON' },
    },
    examples: [
      {
        line: `vmcp policy explain --tool db_query --principal '{"sub": "alice"}'`,
        says: 'whether alice may call it, and why',
      },
      { line: 'vmcp policy table --csv', says: 'groups and API keys by tools' },
    ],
  },
  adoption: {
    summary: 'reports how a fleet uses code mode, from its Prometheus',
    usage: ['--prometheus URL [OPTION]...'],
    about: `
Reports how a fleet uses code mode.
`,
    options: {
      prometheus: {
        type: 'string',
        value: 'URL',
        help:
          'the Prometheus that scrapes the fleet; it needs no recording rules, and answers quicker with those of ' +
          'observability/rules',
      },
      window: { type: 'string', value: 'TIME', help: 'how far to look back, from 5m to 2y (30d)' },
      json: { type: 'boolean', help: 'prints the report as JSON' },
      output: {
        type: 'string',
        value: 'FORMAT',
        words: ['text', 'md', 'csv'],
        help: 'text, md for Markdown, or csv with a line for each server (text)',
      },
      html: { type: 'string', value: 'FILE', help: 'writes it as one self-contained HTML page' },
      'ca-cert': { type: 'string', value: 'FILE', help: 'a certificate authority to trust, as PEM' },
      timeout: { type: 'string', value: 'SECONDS', help: 'the longest wait for one answer (60)' },
    },
    environment: {
      VMCP_PROMETHEUS_TOKEN: 'sent as a bearer token',
      VMCP_PROMETHEUS_USERNAME: 'sent as basic auth, with VMCP_PROMETHEUS_PASSWORD',
      VMCP_PROMETHEUS_PASSWORD: 'the password of basic auth',
      NO_COLOR: 'takes the colours away',
      FORCE_COLOR: 'brings colours where there is no terminal',
    },
  },
  plan: {
    summary: 'says what a reload of a configuration would change',
    usage: ['[FILE] [--url URL] [--json]'],
    about: `
Compares FILE with the server that runs, as its /status tells, and says what a
reload would change: backends, keys, and what only the next start reads. Where
no server answers, everything is new. Nothing is changed. Secrets are not
compared.
`,
    operands: [configOperand],
    options: {
      config,
      url: { type: 'string', value: 'URL', help: 'the server (http://127.0.0.1:4483)' },
      json: { type: 'boolean', help: 'prints the changes as JSON' },
    },
  },
  doctor: {
    summary: 'looks for what keeps a server from working, and says how to mend it',
    usage: ['[FILE] [OPTION]...'],
    about: `
Checks Node, the limit of open files, the port, proxies, the configuration, and
starts each backend step by step: the time that each step takes, and the likely
remedy where one fails. Ends every process that it starts. Exits with 1 when
something is wrong.
`,
    operands: [configOperand],
    options: {
      config,
      port: { type: 'string', value: 'PORT', help: 'the port that is to be free (4483)' },
    },
  },
  completion: {
    summary: 'prints what makes a shell complete the command line',
    usage: ['bash | zsh | fish'],
    about: `
Prints a script that has the shell complete commands, options and their values.
Its first lines say where it belongs.
`,
    operands: [{ name: 'SHELL', help: 'bash, zsh or fish', words: ['bash', 'zsh', 'fish'] }],
    options: {},
    examples: [{ line: 'source <(vmcp completion bash)', says: 'for this shell' }],
  },
};

export function isCommand(word: string): word is CommandName {
  return (commandNames as readonly string[]).includes(word);
}

/** For every command. */
export const exitCodeLine: string =
  'Exit codes: 0 done, 1 the input was at fault, 2 wrong usage, 130 interrupted.';
