/**
 * What a client's model reads of tools: bytes and tokens of the whole list, in each way that code mode lists it. Prints the
 * Markdown table of README.md and docs/code-mode/agents.md. `node bench/tokens.ts`.
 *
 * Tokens are those of `o200k_base`, the encoding of GPT-4o and later. Other models count otherwise, by a tenth or two;
 * the shares hardly differ. What is encoded is the JSON of the list, as most clients pass it on.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { parse } from 'yaml';
import type { Tool } from '../src/index.ts';
import { bytesOf, listingsOf, type Listings } from '../test/support/listings.ts';
import { fromNpm, realBackends } from '../test/support/real-backends.ts';

// The demo's paths are relative to its file.
process.chdir(join(import.meta.dirname, '../examples'));

const { everything, filesystem, memory } = realBackends();
const synthetic = Array.from({ length: 10 }, (_, at) => ({
  name: `team${at}`,
  transport: 'stdio',
  command: process.execPath,
  args: [join(import.meta.dirname, 'tokens/synthetic-backend.ts'), `team${at}`, '50'],
}));

const sets: readonly (readonly [title: string, config: object])[] = [
  ['Demo (`npm start`)', demo()],
  ['Real servers of the tests', { backends: [everything, filesystem, memory] }],
  ['The same and `time`', { backends: [everything, filesystem, memory, fromNpm('time', 'time-mcp')] }],
  ['Synthetic, 10 backends', { backends: synthetic }],
];

process.stdout.write(
  '| Tools of | Tools | All tools: bytes | tokens | Alongside: bytes | tokens | Code mode proper: bytes | tokens | Saved |\n' +
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n',
);
for (const [title, config] of sets) process.stdout.write(row(title, await listingsOf(config)));

function row(title: string, { plain, alongside, proper }: Listings): string {
  const [all, rest] = [tokensOf(plain), tokensOf(proper)];
  const cells = [
    title,
    `${plain.length}`,
    ...[plain, alongside, proper].flatMap((tools) => [number(bytesOf(tools)), number(tokensOf(tools))]),
    `${Math.round((1 - rest / all) * 100)} %`,
  ];
  return `| ${cells.join(' | ')} |\n`;
}

function tokensOf(tools: readonly Tool[]): number {
  return countTokens(JSON.stringify({ tools }));
}

function number(value: number): string {
  return value.toLocaleString('en');
}

/** The backends of the demo, without its code mode. */
function demo(): object {
  const { codeMode: _, ...config } = parse(readFileSync('demo.yaml', 'utf8')) as Record<string, unknown>;
  return config;
}
