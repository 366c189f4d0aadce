/** The parts that several messages hold: icons, annotations, content. Each field stands as the specification has it. */
import {
  isPlain,
  isString,
  leaf,
  list,
  map,
  numberShape,
  oneOf,
  optional,
  record,
  required,
} from './shape.ts';
import { anything, boolean, number, object, string, text, variant } from './shape.ts';
import type { Field, Shape } from './shape.ts';
import { isLongNumber } from '../../lib/exact-json.ts';
import type { JsonObject, JsonValue } from '../json.ts';

export const meta: Field = optional(object);

const icon = record({
  src: required(string),
  mimeType: optional(string),
  sizes: optional(list(string)),
  theme: optional(oneOf(['light', 'dark'])),
});

export const icons: Field = optional(list(icon));

export const role: Shape = oneOf(['user', 'assistant'], {
  human: 'user',
  system: 'user',
  ai: 'assistant',
  model: 'assistant',
});

export const share: Shape = numberShape('a number from 0 to 1', (value) => value >= 0 && value <= 1);

const dateTime = leaf('a date and time with a zone', {
  kind: 'a string',
  fits: (value) => isString(value) && isDateTime(value),
});

const annotations = optional(
  record({ audience: optional(list(role)), priority: optional(share), lastModified: optional(dateTime) }),
);

/** What names and describes anything. */
export const described: Readonly<Record<string, Field>> = {
  title: optional(string),
  description: optional(string),
  icons,
  _meta: meta,
};

/** The fields of a resource, listed or linked to. */
export const resourceFields: Readonly<Record<string, Field>> = {
  ...described,
  uri: required(string),
  name: required(string, (resource) => resource['uri']),
  mimeType: optional(string),
  size: optional(number),
  annotations,
};

export const templateFields: Readonly<Record<string, Field>> = {
  ...described,
  uriTemplate: required(string),
  name: required(string, (template) => template['uriTemplate']),
  mimeType: optional(string),
  annotations,
};

/** From how many characters on only the ends of encoded bytes are looked at: a fault in the middle is the sender's. */
const shortBytes = 4096;
const sampleLength = 256;

/** Bytes in base64; a data URL, and the alphabet for URLs, are read as what they stand for. */
const bytes = leaf('bytes in base64', {
  kind: 'a string',
  fits: (value) => isString(value) && isBase64(value),
  mend(value) {
    if (!isString(value)) return undefined;
    const bare = value
      .replace(/^data:[^,]{0,200};base64,/, '')
      .replaceAll('-', '+')
      .replaceAll('_', '/');
    return isBase64(bare) ? bare : undefined;
  },
});

const contents: Readonly<Record<string, Field>> = {
  mimeType: optional(string),
  text: { ...optional(text), isLazy: true },
  blob: optional(bytes),
  _meta: meta,
};

const check = (record: JsonObject): string | undefined =>
  'text' in record || 'blob' in record ? undefined : 'an object with "text" or "blob"';

const embedded = record({ uri: required(string), ...contents }, { check });

/** What stands in the answer to `resources/read`, where each is of the place that was asked for. */
export function resourceContents(uri: JsonValue | undefined): Shape {
  const asked = isString(uri ?? null) ? uri : undefined;
  return record({ uri: required(string, () => asked), ...contents }, { check, mend: textOf });
}

const media = record({
  data: required(bytes),
  mimeType: required(string, () => 'application/octet-stream'),
  annotations,
  _meta: meta,
});

const blocks: Readonly<Record<string, Shape>> = {
  text: record({ text: { ...required(writtenOut()), isLazy: true }, annotations, _meta: meta }),
  image: media,
  audio: media,
  resource: record({ resource: required(embedded), annotations, _meta: meta }),
  resource_link: record(resourceFields),
};

/** One piece of content. A text alone is read as a block of it; a block of a type that is not known stays. */
export const content: Shape = variant('type', blocks, toTextBlock);

/** Content that a model may be given, or write. */
export const sampled: Shape = variant(
  'type',
  {
    ...blocks,
    tool_use: record({ name: required(text), id: required(text), input: required(object), _meta: meta }),
    tool_result: record({
      toolUseId: required(text),
      content: required(list(content), () => []),
      structuredContent: optional(anything),
      isError: optional(boolean),
      _meta: meta,
    }),
  },
  toTextBlock,
);

/** A schema that is not looked into: true and false, which older clients do not take, are written as objects. */
const subschema = leaf('a JSON Schema', {
  fits: (value) => typeof value === 'object' && value !== null && !isLongNumber(value),
  mend: (value) => (value === true ? {} : value === false ? { not: {} } : undefined),
});

/** What clients look at of a schema whose values are objects. */
export const schemaFields: Readonly<Record<string, Field>> = {
  properties: optional(map(subschema)),
  required: optional(list(string)),
};

function toTextBlock(value: JsonValue): JsonObject | undefined {
  if (isString(value)) return { type: 'text', text: value };
  return isPlain(value) && isString(value['text'] ?? null) ? { ...value, type: 'text' } : undefined;
}

function textOf(value: JsonValue): JsonObject | undefined {
  return isString(value) ? { text: value } : undefined;
}

/** A text; anything else that stands for one is written out as JSON. */
function writtenOut(): Shape {
  return leaf('a string', {
    fits: isString,
    mend: (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)),
  });
}

function isBase64(value: string): boolean {
  const { length } = value;
  if (length <= shortBytes) return isEncoded(value);
  return (
    isAlphabet(value.slice(0, sampleLength)) && /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value.slice(-sampleLength))
  );
}

function isEncoded(value: string): boolean {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value)) return false;
  const bare = value.replace(/\s/g, '');
  const digits = bare.replace(/=+$/, '').length;
  return digits % 4 !== 1 && (bare.length === digits || bare.length % 4 === 0);
}

function isAlphabet(value: string): boolean {
  return /^[A-Za-z0-9+/\s]*$/.test(value);
}

const dateTimePattern =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

function isDateTime(value: string): boolean {
  const [, year, month, day] = dateTimePattern.exec(value) ?? [];
  if (day === undefined) return false;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
}
