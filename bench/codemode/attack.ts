/**
 * Sends one kind of hostile script again and again, in a process of its own so that the measuring client is not disturbed:
 * `node attack.ts URL KIND CONCURRENCY SECONDS`. Prints how many were answered.
 */
import { readdirSync } from 'node:fs';
import { platform, setPriority } from 'node:os';
import { callTool } from './client.ts';

const scripts: Record<string, string> = {
  loops: 'for i in range(1 << 50):\n  pass\n',
  'sorts and searches':
    'xs = [(i * 7919) % 10007 for i in range(5000)]\nfor i in range(10000):\n  sorted(xs)\n',
  'huge strings': 's = "x"\nfor i in range(60):\n  s += s\n',
  'memory to the limit': 'xs = []\nfor i in range(100000):\n  xs.append("%d" % i * 5000)\n',
  'deep calls': 'f = lambda g: g(g)\nf(f)\n',
  'giant results': 'return {"rows": [{"number": i, "title": "x" * 40} for i in range(12000)]}',
  'huge results, cut': 'return ["x" * 1000] * 60000',
  prints: 'for i in range(9000):\n  print("x" * 100)\n',
  'tool calls': 'for i in range(900):\n  b0_echo()\n',
  'parallel calls': 'for i in range(18):\n  parallel([b0_echo for j in range(50)])\n',
};

// It stands for clients on other machines: what reading the answers costs is not to be taken from the gateway.
// On Linux each thread has a priority, also those on which V8 collects what was read.
const threads = platform() === 'linux' ? readdirSync('/proc/self/task').map(Number) : [0];
for (const thread of threads) setPriority(thread, 10);

const [url = '', kind = '', concurrency = '1', seconds = '1'] = process.argv.slice(2);
const script = scripts[kind];
if (script === undefined) throw new Error(`no such kind; there are: ${Object.keys(scripts).join(', ')}`);
const deadline = performance.now() + Number(seconds) * 1000;
let answered = 0;

async function attack(): Promise<void> {
  while (performance.now() < deadline) {
    await callTool(url, 'execute_tool_script', { script });
    answered++;
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, attack));
process.stdout.write(`${answered}\n`);
process.exit(0);
