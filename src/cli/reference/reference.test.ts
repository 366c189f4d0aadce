import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { format } from 'prettier';
import { commandNames, commands } from '../kit/commands.ts';
import { commandHelp } from '../kit/help.ts';
import { manPage } from './man.ts';
import { cliReference } from './markdown.ts';

describe('the reference', () => {
  test('in docs/cli.md is what the table of commands makes (npm run reference writes it)', async () => {
    const file = new URL('../../../docs/cli.md', import.meta.url);
    const rules = JSON.parse(await readFile(new URL('../../../.prettierrc.json', import.meta.url), 'utf8'));
    assert.equal(
      await readFile(file, 'utf8'),
      await format(cliReference(), { ...rules, parser: 'markdown' }),
    );
  });

  test('of man has every command with its options, and nothing that roff would take for a command', () => {
    const page = manPage('1.2.3');
    assert.match(page, /^\.TH VMCP 1 "" "vmcp 1\.2\.3"/);
    for (const name of commandNames) {
      assert.ok(page.includes(`\n.SS vmcp ${name}\n`), name);
      for (const option of Object.keys(commands[name].options))
        assert.ok(page.includes(`\\-\\-${option.replaceAll('-', '\\-')}`), option);
    }
    const requests = page.split('\n').filter((line) => line.startsWith('.') || line.startsWith("'"));
    for (const line of requests) assert.match(line, /^\.(?:TH|SH|SS|B|I|RI|PP|TP|br|EX|EE)(?: |$)/);
  });

  test('of --help keeps to 80 columns, and names every option', () => {
    for (const name of commandNames) {
      const help = commandHelp(name);
      for (const line of help.split('\n')) assert.ok(line.length <= 80, `${name}: ${line}`);
      for (const option of Object.keys(commands[name].options))
        assert.ok(help.includes(`--${option}`), option);
    }
  });
});
