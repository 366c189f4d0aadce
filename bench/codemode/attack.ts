/**
 * Sends one kind of hostile script again and again, in a process of its own so that the measuring client is not disturbed:
 * `node attack.ts URL KIND CONCURRENCY SECONDS`. Prints how many were answered.
 */
import { makeNicer } from '../../src/lib/niceness.ts';
import { callTool } from './client.ts';

interface Kind {
  readonly script: string;
  readonly answer: string;
}

/** What each kind sends, and what its answers must say: a script that fails for something else proves nothing. */
const kinds: Record<string, Kind> = {
  loops: { script: 'for i in range(1 << 50):\n  pass\n', answer: 'stepLimit' },
  'sorts and searches': {
    script: 'xs = [(i * 7919) % 10007 for i in range(5000)]\nfor i in range(10000):\n  sorted(xs)\n',
    answer: 'stepLimit',
  },
  'huge strings': { script: 's = "x"\nfor i in range(60):\n  s += s\n', answer: 'memoryLimit' },
  'memory to the limit': {
    script: 'xs = []\nfor i in range(100000):\n  xs.append("%d" % i * 5000)\n',
    answer: 'memoryLimit',
  },
  'deep calls': { script: 'f = lambda g: g(g)\nf(f)\n', answer: 'too many calls within calls' },
  'giant results': {
    script: 't = "x" * 120\nreturn {"rows": [{"number": i, "title": t} for i in range(6000)]}',
    answer: '5999',
  },
  'huge results, cut': { script: 'return ["x" * 1000] * 60000', answer: 'maxResultBytes' },
  prints: { script: 'for i in range(9000):\n  print("x" * 100)\n', answer: 'xxxx' },
  'results of 60 KB': { script: 'return "x" * 60000', answer: 'xxxx' },
  'large tool results': {
    script: 'n = 0\nfor i in range(20):\n  n += len(b0_page())\nreturn n',
    answer: '100000',
  },
  'large slow tool results': {
    script: 'n = 0\nfor i in range(20):\n  n += len(b0_page(ms = 300))\nreturn n',
    answer: '100000',
  },
  'tool calls': { script: 'for i in range(900):\n  b0_echo()\n', answer: 'null' },
  'parallel calls': {
    script: 'for i in range(18):\n  parallel([b0_echo for j in range(50)])\n',
    answer: 'null',
  },
};

// It stands for clients on other machines: what reading the answers costs is not to be taken from the gateway.
makeNicer(process.pid, 10);

const [url = '', name = '', concurrency = '1', seconds = '1'] = process.argv.slice(2);
const kind = kinds[name];
if (kind === undefined) throw new Error(`no such kind; there are: ${Object.keys(kinds).join(', ')}`);
const deadline = performance.now() + Number(seconds) * 1000;
let answered = 0;

async function attack({ script, answer }: Kind): Promise<void> {
  while (performance.now() < deadline) {
    const { text } = await callTool(url, 'execute_tool_script', { script });
    if (answered++ === 0 && !text.includes(answer))
      throw new Error(`"${name}" should have been answered with "${answer}": ${text.slice(0, 500)}`);
    if (text.includes('had to replace the thread')) throw new Error(`a script was lost: ${text}`);
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, () => attack(kind)));
process.stdout.write(`${answered}\n`);
process.exit(0);
