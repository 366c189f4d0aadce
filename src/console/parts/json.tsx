import type { JSX } from 'preact';

const longestColoured = 100_000;
const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON text with its parts in colour; a very long one is shown plain. */
export function Json({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  return (
    <pre class="code" tabIndex={0} role="region" aria-label={label}>
      {text.length > longestColoured ? text : coloured(text)}
    </pre>
  );
}

function coloured(text: string): (string | JSX.Element)[] {
  const parts: (string | JSX.Element)[] = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [whole, string, colon] = match;
    parts.push(text.slice(end, match.index));
    const kind = colon !== undefined ? 'key' : string !== undefined ? 'string' : 'literal';
    parts.push(<span class={`json-${kind}`}>{whole}</span>);
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts;
}
