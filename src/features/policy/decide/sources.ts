/** Where policies come from: the configuration and files beside it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { decodeText } from '../../../lib/decode-text.ts';
import { whyNotRead } from '../../../lib/file-fault.ts';
import { messageOf } from '../../../lib/thrown.ts';
import type { PolicyOptions } from '../declaration.ts';
import type { Engine } from '../cedar/engine.ts';
import type { ParsedPolicy } from './policies.ts';

/** A policy as its author wrote it. */
export interface WrittenPolicy {
  /** Unique: `@id("…")` where the policy has one, `policy0` in the configuration, `NAME.cedar:LINE` in a file. */
  readonly id: string;
  readonly text: string;
  readonly source: PolicySource;
  /** Counted from 1 within its source. */
  readonly line: number;
}

/** A text with policies. */
export interface PolicySource {
  /** Its index in `policies`, or the file. */
  readonly at: { readonly index: number } | { readonly file: string };
  readonly text: string;
}

/** What is wrong with a source. */
export class SourceError extends Error {
  readonly at: PolicySource['at'] | undefined;
  constructor(at: PolicySource['at'] | undefined, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SourceError';
    this.at = at;
  }
}

/** What messages call a source. */
export function nameOf(at: PolicySource['at']): string {
  return 'file' in at ? at.file : `policies[${at.index}]`;
}

/** A larger file is refused. */
const maxBytes = 4 * 1024 * 1024;

/** Reads the texts. @throws SourceError where a file cannot be read, or none has a name that fits */
export async function readSources({ policies, policyFiles }: PolicyOptions): Promise<PolicySource[]> {
  const written = policies.map((text, index): PolicySource => ({ at: { index }, text }));
  const files = await filesOf(policyFiles);
  return [...written, ...(await Promise.all(files.map(readSource)))];
}

/**
 * The files that these names and globs stand for, in order. `*` stands for any part of the last name of a path.
 * @throws SourceError where nothing has such a name
 */
async function filesOf(patterns: readonly string[]): Promise<string[]> {
  const found = await Promise.all(patterns.map(expand));
  return [...new Set(found.flat())];
}

async function expand(pattern: string): Promise<string[]> {
  const name = basename(pattern);
  if (!name.includes('*')) return [pattern];
  const folder = dirname(pattern);
  const fits = new RegExp(
    `^${name
      .split('*')
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/gu, '\\$&'))
      .join('[^/]*')}$`,
    'u',
  );
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    throw new SourceError({ file: pattern }, whyNotRead(cause), { cause });
  }
  const files = names.filter((each) => !each.startsWith('.') && fits.test(each)).toSorted();
  if (files.length === 0)
    throw new SourceError({ file: pattern }, 'expected at least one file of such a name, found none');
  return files.map((each) => join(folder, each));
}

async function readSource(file: string): Promise<PolicySource> {
  try {
    const { size } = await stat(file);
    if (size > maxBytes) throw new Error(`expected at most ${maxBytes} bytes, found ${size}`);
    return { at: { file }, text: decodeText(await readFile(file)) };
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? whyNotRead(cause) : messageOf(cause);
    throw new SourceError({ file }, why, { cause });
  }
}

/**
 * The state of the files: another text when one was written, added or taken away.
 * @returns a text for comparison alone
 */
export async function stampOf({ policyFiles }: PolicyOptions): Promise<string> {
  const files = await filesOf(policyFiles).catch(() => []);
  const stamps = await Promise.all(
    files.map(async (file) => {
      const found = await stat(file, { bigint: true }).catch(() => undefined);
      return found === undefined
        ? `${file} -`
        : `${file} ${found.dev} ${found.ino} ${found.size} ${found.mtimeNs}`;
    }),
  );
  return stamps.join('\n');
}

/** Permits everything to everyone, which needs no engine. */
const permitsAll = /^\s*permit\s*\(\s*principal\s*,\s*action\s*,\s*resource\s*\)\s*;\s*$/u;

/** True where nothing but `permit(principal, action, resource);` is written. */
export function permitEverything(sources: readonly PolicySource[]): boolean {
  return (
    sources.length > 0 && sources.every(({ text }) => permitsAll.test(text.replaceAll(/\/\/.*$/gmu, '')))
  );
}

/** Takes the texts apart. @throws SourceError with Cedar's words for the first text that holds no policies */
export function parseSources(sources: readonly PolicySource[], engine: Engine): ParsedPolicy[] {
  const ids = new Set<string>();
  return sources.flatMap((source) => {
    const texts = inWords(source, () => engine.split(source.text));
    let from = 0;
    return texts.map((text, index): ParsedPolicy => {
      const offset = Math.max(from, source.text.indexOf(text, from));
      from = offset + 1;
      const line = source.text.slice(0, offset).split('\n').length;
      const json = inWords(source, () => engine.toJson(text));
      const id = idOf(source, { annotations: json.annotations, line, index, of: texts.length });
      if (ids.has(id)) {
        throw new SourceError(
          source.at,
          `expected each policy to have an id of its own, found "${id}" twice`,
        );
      }
      ids.add(id);
      return { id, text, source, line, json };
    });
  });
}

interface Position {
  readonly annotations: ParsedPolicy['json']['annotations'];
  readonly line: number;
  readonly index: number;
  readonly of: number;
}

function idOf({ at }: PolicySource, { annotations, line, index, of }: Position): string {
  const given: unknown = annotations?.['id'];
  if (typeof given === 'string' && given !== '') return given;
  if ('file' in at) return `${basename(at.file)}:${line}`;
  return of === 1 ? `policy${at.index}` : `policy${at.index}.${index}`;
}

function inWords<Value>({ at }: PolicySource, work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    throw new SourceError(at, messageOf(cause), { cause });
  }
}
