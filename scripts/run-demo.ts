import { join } from 'node:path';
import { commands } from '../src/cli/kit/commands.ts';
import { reportFaults } from '../src/cli/run.ts';
import { parseRequest, serve } from '../src/cli/serve.ts';
import { messageOf } from '../src/lib/thrown.ts';
import { UsageError, type RunCommand, type Terminal } from '../src/cli/kit/terminal.ts';

const demo = join(import.meta.dirname, '../examples/demo.yaml');
const command = 'npm start --';

/** Serves the demo as `vmcp serve` would, and tells how to connect to it. */
export const runDemo: RunCommand = (args, terminal) =>
  reportFaults('serve', terminal, async () => {
    refuseOptionsOfNpm(args, terminal.environment);
    const request = parseRequest(args, {
      config: demo,
      portSetting: `${command} --port PORT (0 picks a free one)`,
    });
    await bringConsoleUpToDate(terminal);
    return serve(request, endsWithNpm(terminal), ({ url }) => terminal.err(welcome(url)));
  });

/** Without the page everything else works. */
async function bringConsoleUpToDate(terminal: Terminal): Promise<void> {
  try {
    const { refreshConsole } = await import('./console.ts');
    await refreshConsole();
  } catch (error) {
    terminal.err(
      `the console could not be built, and is served as it was or not at all: ${messageOf(error)}\n`,
    );
  }
}

/**
 * Options before `--` are npm's: it keeps those that it does not know to itself, and passes their values on as if they
 * stood alone.
 */
function refuseOptionsOfNpm(args: readonly string[], environment: Terminal['environment']): void {
  for (const [option, spec] of Object.entries(commands.serve.options)) {
    const kept = environment[`npm_config_${option.replaceAll('-', '_')}`];
    if (kept === undefined) continue;
    const value = kept === 'true' ? (args[0] ?? spec.value) : kept;
    const meant = `${command} --${option}${spec.type === 'boolean' ? '' : ` ${value}`}`;
    throw new UsageError(`--${option} went to npm; options stand behind "--": ${meant}`);
  }
}

const parentCheckMs = 200;

/**
 * npm passes a signal to the shell that it starts this process with. The shell ends without passing it on, so its end is taken
 * for SIGTERM.
 */
function endsWithNpm(terminal: Terminal): Terminal {
  if (terminal.environment['npm_lifecycle_event'] === undefined) return terminal;
  const shell = process.ppid;
  const onSignal: Terminal['onSignal'] = (handler) => {
    terminal.onSignal(handler);
    const check = setInterval(() => {
      if (process.ppid === shell) return;
      clearInterval(check);
      handler('SIGTERM');
    }, parentCheckMs);
    check.unref();
  };
  // Not a copy: some of its members are asked anew each time.
  return Object.create(terminal, { onSignal: { value: onSignal } }) as Terminal;
}

function welcome(url: string): string {
  return `
  Console        ${url}/   (in a browser)
  MCP endpoint   ${url}/mcp
  Status         ${url}/status
  Metrics        ${url}/metrics

  Behind it are three real MCP servers (everything, memory, files) and execute_tool_script.
  Connect a client:

    Claude Code   claude mcp add --transport http vmcp ${url}/mcp
    VS Code       code --add-mcp '{"name":"vmcp","type":"http","url":"${url}/mcp"}'
    Cursor        in ~/.cursor/mcp.json: {"mcpServers": {"vmcp": {"url": "${url}/mcp"}}}
    curl          curl ${url}/mcp -H 'content-type: application/json' \\
                    -H 'accept: application/json, text/event-stream' -H 'mcp-method: tools/list' \\
                    -H 'mcp-protocol-version: 2026-07-28' \\
                    -d '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{
                         "io.modelcontextprotocol/protocolVersion":"2026-07-28",
                         "io.modelcontextprotocol/clientInfo":{"name":"curl","version":"1"},
                         "io.modelcontextprotocol/clientCapabilities":{}}}}'

  Ctrl-C ends it.

`;
}
