/** What `npm start` runs: serves the demo, and tells how to connect to it. Takes the options of `vmcp serve`. */
import { join } from 'node:path';
import { reportFaults } from './run.ts';
import { parseRequest, serve } from './serve.ts';
import { runAsProcess } from './terminal.ts';

const demo = join(import.meta.dirname, '../../examples/demo.yaml');

await runAsProcess((args, terminal) =>
  reportFaults('serve', terminal, () =>
    serve(parseRequest(args, { config: demo }), terminal, ({ url }) => terminal.err(welcome(url))),
  ),
);

function welcome(url: string): string {
  return `
  MCP endpoint   ${url}/mcp      three real MCP servers behind it, and execute_tool_script
  Status         ${url}/status
  Metrics        ${url}/metrics

  Claude Code    claude mcp add --transport http vmcp ${url}/mcp
  VS Code        code --add-mcp '{"name":"vmcp","type":"http","url":"${url}/mcp"}'
  Cursor         in ~/.cursor/mcp.json: {"mcpServers": {"vmcp": {"url": "${url}/mcp"}}}
  curl           curl -s ${url}/mcp -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' \\
                   -d '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"curl","version":"1"}}}'

  Ctrl-C ends it.

`;
}
