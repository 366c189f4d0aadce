/**
 * The few kinds of key that the schema is made of, on top of zod's own. What a fault is called is decided in
 * `../faults.ts`, which reads zod's issues; only what zod cannot know is said here.
 */
import { z } from 'zod';
import { faultOfCredential, headerName as headerNamePattern } from '../../lib/header-text.ts';

/**
 * A mapping with exactly these keys. The message of its `unrecognized_keys` issue carries the known keys, one a line,
 * for what `../faults.ts` offers instead: those that work, an empty line, and those that are refused.
 */
export function section<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const [works, refusals] = [false, true].map((wanted) =>
    Object.keys(shape).filter((key) => isRefused(shape[key]) === wanted),
  );
  const known = [...(works ?? []), '', ...(refusals ?? [])].join('\n');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known : undefined),
  });
}

/** A key that ToolHive knows and this program does not do yet: its mere presence is an error that says so. */
export function notBuilt(what: string): z.ZodOptional<z.ZodNever> {
  return refused(`${what} not built yet`);
}

/** A key that has no place here, with the reason. Absent is the only sound value. */
export function refused(reason: string): z.ZodOptional<z.ZodNever> {
  return z.never({ error: reason }).optional();
}

/**
 * One word of a list. `notBuilt` are words that ToolHive knows and this program does not do yet, `refused` those that it
 * will not do, with the reason and what to do instead.
 */
function isRefused(schema: z.core.SomeType | undefined): boolean {
  return schema instanceof z.ZodOptional && schema.unwrap() instanceof z.ZodNever;
}

/** One word of a list. `notBuilt` are words that ToolHive knows and this program does not do yet. */
export function choice<const Word extends string>(
  words: readonly [Word, ...Word[]],
  options: {
    readonly notBuilt?: readonly string[];
    readonly refused?: Readonly<Record<string, string>>;
  } = {},
): z.ZodEnum<{ [Key in Word]: Key }> {
  const later: readonly unknown[] = options.notBuilt ?? [];
  const refusals = new Map<unknown, string>(Object.entries(options.refused ?? {}));
  return z.enum(words, {
    error: ({ input }) => {
      const reason = refusals.get(input);
      if (reason !== undefined) return `"${String(input)}" cannot be used: ${reason}`;
      return later.includes(input)
        ? `"${String(input)}" is not built yet; what works is ${words.map((word) => `"${word}"`).join(', ')}`
        : undefined;
    },
  });
}

/** One word of a list, or the fallback. As in ToolHive, an empty text means the same as leaving the key out. */
export function choiceOr<const Word extends string>(
  fallback: Word,
  words: readonly [Word, ...Word[]],
): Defaulted<Word, Word | ''> {
  const known: z.ZodType<Word | '', Word | ''> = z.enum([...words, '']);
  return known.transform((word) => word || fallback).prefault(fallback);
}

/** Text with at least one character. */
export function someText(): z.ZodString {
  return z.string().min(1, { error: 'expected some text, found none' });
}

/** Text that may be left out. As in ToolHive, an empty text means the same. */
export function openText(): z.ZodOptional<z.ZodType<string | undefined, string>> {
  return z
    .string()
    .transform((text) => (text === '' ? undefined : text))
    .optional();
}

/** A list, empty unless written. */
export function list<Item extends z.ZodType>(item: Item): z.ZodPrefault<z.ZodArray<Item>> {
  return z.array(item).prefault([]);
}

/** A mapping of names to texts, empty unless written. */
export function textMap(): z.ZodPrefault<z.ZodRecord<z.ZodString, z.ZodString>> {
  return z.record(z.string(), z.string()).prefault({});
}

/** One of two kinds of value, such as a word or a mapping. What is wrong is told of the kind that was written. */
export function either<One extends z.ZodType, Other extends z.ZodType>(
  word: One,
  mapping: Other,
): z.ZodUnion<[One, Other]> {
  return z.union([word, mapping]);
}

/** A mapping that is taken as it is written, such as a JSON Schema. */
export function jsonObject(): z.ZodType<JsonMapping, JsonMapping> {
  return z.record(z.string(), z.json());
}

/** A mapping of JSON. */
export interface JsonMapping {
  [key: string]: z.core.util.JSONType;
}

/** The name of an HTTP header. */
export function headerName(): z.ZodString {
  return z.string().regex(headerNamePattern, { error: 'expected the name of an HTTP header' });
}

/** The value of a header that identifies somebody. What is wrong with it is told without quoting it. */
export function credential(): z.ZodString {
  return z
    .string()
    .superRefine((text, context) => {
      const fault = faultOfCredential(text);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    })
    .meta({ pattern: credentialPattern });
}

/** What editors can tell of it. */
const credentialPattern = String.raw`^[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?$`;

/** Yes or no. */
export function flag(fallback: boolean): z.ZodPrefault<z.ZodBoolean> {
  return z.boolean().prefault(fallback);
}

/** Yes or no, or left open: what it is then depends on other keys. */
export function openFlag(): z.ZodOptional<z.ZodBoolean> {
  return z.boolean().optional();
}

/** A whole number of at least 1. As in ToolHive, 0 means the same as leaving the key out. */
export function count(fallback: number): Defaulted<number, number> {
  return z
    .int()
    .min(0)
    .transform((value) => (value === 0 ? fallback : value))
    .prefault(fallback);
}

/** A whole number of at least `least`, which must be written. */
export function wholeNumber(least: number): z.ZodInt {
  return z.int().min(least);
}

/** A key that may be left out, and has a value all the same. */
export type Defaulted<Output, Input> = z.ZodPrefault<z.ZodType<Output, Input>>;

/** Copies an object without the keys whose value is undefined, so that absent stays absent. */
export function compact<Input extends object>(input: Input): Compact<Input> {
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  ) as Compact<Input>;
}

type Compact<Input> = {
  [Key in keyof Input as undefined extends Input[Key] ? never : Key]: Input[Key];
} & {
  [Key in keyof Input as undefined extends Input[Key] ? Key : never]?: Exclude<Input[Key], undefined>;
};
