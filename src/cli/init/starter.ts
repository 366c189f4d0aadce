import { schemaLine } from '../../config/index.ts';

/**
 * A configuration to begin with: one backend that runs at once, and the blocks one looks for first.
 * @param schema where the JSON Schema of the file is, for editors
 */
export function starter(schema: string): string {
  return `${schemaLine(schema)}
# A vmcp configuration. Check it with "vmcp validate", serve it with "vmcp serve".
# \${VAR} in a text is the value of an environment variable; each must be set.
name: my-vmcp

backends:
  # A child process that speaks MCP on its standard streams.
  - name: everything
    transport: stdio
    command: npx
    args: [-y, "@modelcontextprotocol/server-everything"]

  # A server that is reached over HTTP.
  # - name: docs
  #   transport: streamable-http
  #   url: https://mcp.example.com/mcp

# Offers execute_tool_script: scripts that call many tools in one go.
codeMode:
  enabled: true

# Tools are called <backend>_<tool> unless this says otherwise.
# aggregation:
#   conflictResolution: prefix

# operational:
#   timeouts:
#     default: 30s
`;
}
