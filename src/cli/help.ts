/** The words of `--help`. Each command's text is what `docs/` and the contract say of it. */

export const commandNames = ['serve', 'validate', 'init', 'star', 'key', 'adoption'] as const;
export type CommandName = (typeof commandNames)[number];

export const overview = `vmcp: one MCP endpoint in front of many MCP servers, with Starlark code mode

Usage: vmcp COMMAND [OPTION]...

  serve      serves the MCP servers of a configuration file as one
  validate   prints every problem of a configuration file
  init       writes a starter configuration, or one made from a client's
  star       runs a Starlark file without any gateway
  key        makes an API key for a caller
  adoption   reports how a fleet uses code mode, from its Prometheus

Each has its own --help. --version prints the version.
Exit codes: 0 done, 1 the input was at fault, 2 wrong usage, 130 interrupted.
`;

export const commandHelp: Readonly<Record<CommandName, string>> = {
  serve: `Usage: vmcp serve --config FILE [OPTION]...

Serves the backends of FILE as one MCP server: /mcp, /metrics, /health, /readyz
and /status. One line on stderr says the URL when it is ready. FILE is watched;
a sound change takes effect at once, a broken one changes nothing. SIGHUP reads
it again; SIGTERM and Ctrl-C let calls in flight finish and end every child.

  --config FILE        the configuration (YAML)
  --host ADDRESS       where to listen (127.0.0.1); beyond loopback FILE must
                       have incomingAuth
  --port PORT          0 picks a free one (4483; with --stdio 0)
  --session-ttl TIME   how long an idle session lives (30m)
  --allowed-host NAME  a host name that passes beyond loopback; may be repeated
  --stdio              speaks MCP on stdin and stdout; the rest stays on HTTP
`,
  validate: `Usage: vmcp validate --config FILE

Prints every problem of FILE as file:line:column: message. Exits with 0 when it
is sound (warnings do not count), with 1 when it is not.

  --config FILE   the configuration (YAML)
`,
  init: `Usage: vmcp init [--from CLIENT_CONFIG.json] [-o FILE]

Writes a starter configuration to stdout, or to FILE, which must not exist yet.

  --from CLIENT_CONFIG.json   the servers of an MCP client's configuration
                              (Claude Desktop, VS Code, Cursor) as backends;
                              secrets become \${VAR} references
  -o, --output FILE           where to write it
`,
  star: `Usage: vmcp star [--option NAME]... FILE

Runs a Starlark file without any gateway. What it prints goes to stderr; an
error prints a traceback and exits with 1.

  --option NAME   a dialect option, may be repeated: set, while, recursion,
                  toplevelcontrol, globalreassign
`,
  key: `Usage: vmcp key NAME [--group GROUP]... [--json]

Makes an API key for the caller NAME, and prints it with the lines to paste into
the configuration, which hold its hash alone. The key is not stored anywhere.

  --group GROUP   a group of the caller; may be repeated
  --json          prints name, key, sha256 and groups as JSON
`,
  adoption: `Usage: vmcp adoption --prometheus URL [OPTION]...

Reports how a fleet uses code mode.

  --prometheus URL   the Prometheus that scrapes the fleet; it needs no recording
                     rules, and answers quicker with those of observability/rules
  --window TIME      how far to look back, from 5m to 2y (30d)
  --json             prints the report as JSON
  --html FILE        writes it as one page that asks nobody for anything
  --ca-cert FILE     a certificate authority to trust, as PEM
  --timeout SECONDS  the longest wait for one answer (60)

Environment: VMCP_PROMETHEUS_TOKEN sends a bearer token; VMCP_PROMETHEUS_USERNAME
and VMCP_PROMETHEUS_PASSWORD send basic auth. NO_COLOR takes the colours away,
FORCE_COLOR brings them where there is no terminal.
`,
};
