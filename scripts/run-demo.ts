import { join } from 'node:path';
import { reportFaults } from '../src/cli/run.ts';
import { parseRequest, serve } from '../src/cli/serve.ts';
import type { RunCommand } from '../src/cli/terminal.ts';

const demo = join(import.meta.dirname, '../examples/demo.yaml');

/** Serves the demo as `vmcp serve` would, and tells how to connect to it. */
export const runDemo: RunCommand = (args, terminal) =>
  reportFaults('serve', terminal, () =>
    serve(parseRequest(args, { config: demo }), terminal, ({ url }) => terminal.err(welcome(url))),
  );

function welcome(url: string): string {
  return `
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
