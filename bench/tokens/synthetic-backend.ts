/**
 * A backend on stdio whose tools are made up: `node synthetic-backend.ts NAME COUNT`. Their names, texts and schemas are
 * about as long as those of hosted services: 0.9 KB a tool on average.
 */
import { createInterface } from 'node:readline';

const [name = 'team', count = '50'] = process.argv.slice(2);
const verbs = ['list', 'get', 'create', 'update', 'delete', 'search', 'close', 'assign', 'export', 'compare'];
const nouns = ['issue', 'invoice', 'deployment', 'alert', 'document'];

function tool(at: number): object {
  const verb = verbs[at % verbs.length] ?? '';
  const noun = nouns[Math.floor(at / verbs.length) % nouns.length] ?? '';
  const text = (description: string): object => ({ type: 'string', description });
  return {
    name: `${verb}_${noun}${at < verbs.length * nouns.length ? '' : `_${at}`}`,
    description:
      `Finds the ${noun}s that the filters name, and is the one to ${verb} them. Ask for at most a hundred at a time; ` +
      `the answer says how the next page is asked for. Needs the right "${noun}s:${verb}".`,
    inputSchema: {
      type: 'object',
      properties: {
        workspace: text(`The workspace that the ${noun}s are in, by its short name`),
        query: text(`Words that the title or the body of a ${noun} has, in any order`),
        state: {
          type: 'string',
          enum: ['open', 'closed', 'all'],
          description: `Which ${noun}s, by their state`,
        },
        labels: { type: 'array', items: { type: 'string' }, description: 'Labels that all of them have' },
        limit: { type: 'integer', minimum: 1, maximum: 100, description: 'How many to return' },
      },
      required: ['workspace'],
    },
  };
}

const answers: Readonly<Record<string, object>> = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: {
      name,
      version: '1',
      description: `The ${name} of a company: what it owns and who works on it.`,
    },
  },
  'tools/list': { tools: Array.from({ length: Number(count) }, (_, at) => tool(at)) },
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line) as { id?: number; method: string };
  if (id === undefined) return;
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: answers[method] ?? {} })}\n`);
});
