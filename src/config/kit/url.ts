import { z } from 'zod';

/** A key that holds an absolute URL of `http` or `https`, without a user, query or fragment. It stays as it is written. */
export function webUrl(): z.ZodType<string, string> {
  return z.string().refine(isPlainWebUrl, { error: expected }).meta({ pattern: webUrlPattern });
}

/** The same, which may be left out. As in ToolHive, an empty text means that. */
export function openWebUrl(): z.ZodOptional<z.ZodType<string | undefined, string>> {
  return z
    .string()
    .refine((text) => text === '' || isPlainWebUrl(text), { error: expected })
    .meta({ pattern: `^$|${webUrlPattern}` })
    .transform((text) => (text === '' ? undefined : text))
    .optional();
}

const expected = 'expected a URL such as "https://mcp.example.com", without a user, a query or a fragment';

/** What editors can tell of it. */
const webUrlPattern = String.raw`^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#@]+(?:/[^\s?#]*)?$`;

function isPlainWebUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//i.test(text)) return false;
  return url.username === '' && url.password === '' && !/[?#]/.test(text) && text.trim() === text;
}
