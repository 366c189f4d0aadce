/** A how-to page for each MCP client, from what `vmcp connect` writes. */
import { clients, type Client, type Machine } from '../../src/cli/kit/clients.ts';
import { code, table } from './table.ts';

const url = 'http://127.0.0.1:4483/mcp';

/** The pages by path, and the page that lists them. */
export function clientPages(): [path: string, text: string][] {
  const list = clients.map(({ id, name }) => `- [${name}](${id}.md)`).join('\n');
  const index = `# Connect a client

<!-- Written by \`npm run reference\` from the clients that vmcp knows. -->

\`vmcp connect\` writes the server into each client that it finds on this machine: it shows the change,
copies the file first, and \`--remove\` takes the server out again. \`vmcp connect --dry-run\` only shows
it. By hand, or for one client:

${list}

Any other client that speaks Streamable HTTP takes the URL \`${url}\`. One that can only start a
program takes \`vmcp serve --config /path/to/vmcp.yaml --stdio\`.
`;
  return [
    ['docs/how-to/clients/README.md', index],
    ...clients.map((client): [string, string] => [`docs/how-to/clients/${client.id}.md`, pageOf(client)]),
  ];
}

function pageOf(client: Client): string {
  const { id, name, format, next } = client;
  const places = systems.map(({ title, machine }) => [
    title,
    code(shown(client.files(machine)[0] ?? '', machine)),
  ]);
  return `# Connect ${name}

<!-- Written by \`npm run reference\` from the clients that vmcp knows. -->

With the server running:

\`\`\`console
$ vmcp connect ${id} --dry-run   # shows the change
$ vmcp connect ${id}   # writes it, after a copy of the file
\`\`\`

Then: ${next}. \`vmcp connect ${id} --remove\` takes it out again.

## By hand

${table(['system', 'file'], places)}

${format === 'json' ? `\`\`\`json\n${JSON.stringify(entryOf(client), null, 2)}\n\`\`\`` : `The file is in ${format.toUpperCase()}; \`vmcp connect ${id} --dry-run\` prints the lines.`}

A server that wants an API key: [identity.md](../identity.md). No tools in ${name}:
[troubleshooting.md](../../troubleshooting.md).
`;
}

function entryOf(client: Client): object {
  const server = client.entry({
    url,
    command: ['vmcp', 'serve', '--config', '/path/to/vmcp.yaml', '--stdio'],
  });
  return client.path.reduceRight<object>((inner, key) => ({ [key]: inner }), { vmcp: server });
}

const systems: readonly { readonly title: string; readonly machine: Machine }[] = [
  { title: 'Linux', machine: { platform: 'linux', home: '~', environment: {} } },
  { title: 'macOS', machine: { platform: 'darwin', home: '~', environment: {} } },
  {
    title: 'Windows',
    machine: { platform: 'win32', home: '%USERPROFILE%', environment: { APPDATA: '%APPDATA%' } },
  },
];

function shown(file: string, { platform }: Machine): string {
  return platform === 'win32' ? file.replaceAll('/', '\\') : file;
}
