import {
  AdoptionError,
  type AdoptionOptions,
  createReport,
  toCsv,
  toHtml,
  toMarkdown,
  toScreen,
} from '../adoption/index.ts';
import { holdsCertificate } from '../lib/certificates.ts';
import { wantsColor } from './kit/color.ts';
import { commands } from './kit/commands.ts';
import { readText, writeText } from './kit/files.ts';
import { parseOptions, required, type ParsedOptions } from './kit/options.ts';
import { exitCodes, type RunCommand, type Terminal, UsageError } from './kit/terminal.ts';

const defaultWindow = '30d';
const defaultTimeoutSeconds = 60;
const maxTimeoutSeconds = 3600;

/** `vmcp adoption`: asks a Prometheus how a fleet uses code mode, and says so on a screen, as JSON or as a page. */
export const runAdoption: RunCommand = async (args, terminal) => {
  const options = parseOptions(args, commands.adoption);
  const url = required(options, 'prometheus');
  const page = options.text('html');
  const output = toOutput(options);
  if (page === '') throw new UsageError('--html needs the name of a file');
  try {
    const report = await createReport(await toReportOptions(url, options, terminal));
    if (page !== undefined) await writeText(page, toHtml(report));
    if (options.flag('json')) terminal.out(`${JSON.stringify(report, undefined, 2)}\n`);
    else if (output === 'md') terminal.out(toMarkdown(report));
    else if (output === 'csv') terminal.out(toCsv(report));
    else if (page === undefined || output === 'text') {
      terminal.out(toScreen(report, { color: wantsColor(terminal), width: terminal.stdoutColumns ?? 100 }));
    } else terminal.err(`wrote ${page}\n`);
    return exitCodes.done;
  } catch (error) {
    clearProgress(terminal);
    if (error instanceof AdoptionError && error.code === 'bad-input') throw new UsageError(error.message);
    if (!(error instanceof AdoptionError)) throw error;
    terminal.err(`vmcp adoption: ${error.message}\n`);
    return exitCodes.failed;
  }
};

const outputs = ['text', 'md', 'csv'] as const;

function toOutput(options: ParsedOptions): (typeof outputs)[number] | undefined {
  const text = options.text('output');
  if (text === undefined) return undefined;
  if (options.flag('json')) throw new UsageError('--json and --output exclude each other');
  const output = outputs.find((each) => each === text);
  if (output === undefined) throw new UsageError(`--output: expected text, md or csv, found "${text}"`);
  return output;
}

async function toReportOptions(
  url: string,
  options: ParsedOptions,
  terminal: Terminal,
): Promise<AdoptionOptions> {
  const { environment } = terminal;
  // A secret that was mounted as a file ends in a line break.
  const token = environment['VMCP_PROMETHEUS_TOKEN']?.trim();
  const username = environment['VMCP_PROMETHEUS_USERNAME'];
  const password = environment['VMCP_PROMETHEUS_PASSWORD'];
  const caFile = options.text('ca-cert');
  return {
    url,
    window: options.text('window') ?? defaultWindow,
    now: Date.now() / 1000,
    timeoutMs: toTimeoutMs(options.text('timeout')),
    ...(token !== undefined && token !== '' && { bearerToken: token }),
    ...(username !== undefined && username !== '' && { basic: { username, password: password ?? '' } }),
    ...(caFile !== undefined && { caCert: await readCertificates(caFile) }),
    ...(showsProgress(terminal) && { onProgress: (done, of) => showProgress(terminal, done, of) }),
  };
}

async function readCertificates(file: string): Promise<string> {
  const pem = await readText(file);
  if (holdsCertificate(pem)) return pem;
  throw new AdoptionError('bad-file', `expected certificates as PEM in ${file}, found none`);
}

function toTimeoutMs(seconds: string | undefined): number {
  const value = Number(seconds ?? defaultTimeoutSeconds);
  if (!(value > 0 && value <= maxTimeoutSeconds)) {
    throw new UsageError(`--timeout takes seconds, ${maxTimeoutSeconds} at most, found "${seconds}"`);
  }
  return value * 1000;
}

/** Where a line can be written over. */
function showsProgress({ stderrIsTerminal, environment }: Terminal): boolean {
  return stderrIsTerminal && environment['TERM'] !== 'dumb';
}

function showProgress(terminal: Terminal, done: number, of: number): void {
  terminal.err(done === of ? '\r\u001b[K' : `\rasking Prometheus: ${done} of ${of} questions\u001b[K`);
}

function clearProgress(terminal: Terminal): void {
  if (showsProgress(terminal)) terminal.err('\r\u001b[K');
}
