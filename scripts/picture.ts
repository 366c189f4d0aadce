/**
 * Makes docs/images/first-light.png, the README's picture: starts the demo, lets the official client run one script, reads
 * `/metrics`, and has Chromium draw what was really said. Run by hand: `node scripts/picture.ts`.
 */
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { chromium } from 'playwright-core';
import { withDemo } from './with-demo.ts';

const root = join(import.meta.dirname, '..');
const script = `names = ["ada", "grace", "barbara"]
echoes = parallel([lambda n=n: everything_echo(message=n) for n in names])
graph = memory_read_graph()
notes = [f for f in files_list_directory(path=folder)["content"].split("\\n") if f.endswith(".yaml")]
print("asked", len(names) + 2, "times")
return {"echoes": echoes, "entities": len(graph["entities"]), "notes": notes}`;

await withDemo(async (url) => {
  await waitUntilReady(url);
  await draw(await converse(url));
});

/** Waits until each of the three backends serves. */
async function waitUntilReady(url: string): Promise<void> {
  const deadline = AbortSignal.timeout(30_000);
  for (;;) {
    const status = await fetch(`${url}/status`, { signal: deadline });
    const { backends } = (await status.json()) as { backends: { health: string }[] };
    if (backends.every(({ health }) => health === 'healthy')) return;
  }
}

/** What a terminal would show of one client's visit: prompts and answers, as [prompt, answer] pairs. */
async function converse(url: string): Promise<[prompt: string, answer: string][]> {
  const client = new Client({ name: 'picture', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
  const { tools } = await client.listTools();
  const result = await client.callTool({
    name: 'execute_tool_script',
    arguments: { script, data: { folder: '.' } },
  });
  if (result.isError === true) throw new Error(`the script failed: ${JSON.stringify(result.content)}`);
  await client.callTool({ name: 'everything_echo', arguments: { message: 'a regular call' } });
  await client.close();
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const texts = result.content.map((block) => (block.type === 'text' ? block.text : ''));
  return [
    ['tools/list', `${tools.length} tools of three MCP servers, execute_tool_script among them`],
    [`tools/call execute_tool_script\n${indent(script)}`, texts.join('\n')],
    ['tools/call everything_echo', 'Echo: a regular call'],
    ["curl -s …/metrics | grep -E 'code_mode_enabled|tool_calls_total'", series(metrics)],
  ];
}

/** The two metrics of adoption, without the labels that name the scope. */
function series(metrics: string): string {
  return metrics
    .split('\n')
    .filter((line) => /^toolhive_vmcp_(code_mode_enabled|tool_calls_total)/.test(line))
    .map((line) => line.replaceAll(/otel_scope_\w+="[^"]*",?/g, '').replace(',}', '}'))
    .join('\n');
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}

async function draw(conversation: [string, string][]): Promise<void> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ deviceScaleFactor: 2, viewport: { width: 1000, height: 400 } });
    await page.setContent(`<body style="margin:0;background:#11151c">
      <pre style="margin:0;padding:24px;font:13px/1.55 monospace;color:#cbd5e1;white-space:pre-wrap"></pre>`);
    await page.locator('pre').evaluate((pre, lines) => {
      for (const [prompt, answer] of lines) {
        const bold = pre.ownerDocument.createElement('b');
        bold.style.color = '#7dd3fc';
        bold.textContent = `> ${prompt}\n`;
        pre.append(bold, `${answer}\n\n`);
      }
    }, conversation);
    await page.locator('pre').screenshot({ path: join(root, 'docs/images/first-light.png') });
  } finally {
    await browser.close();
  }
}
