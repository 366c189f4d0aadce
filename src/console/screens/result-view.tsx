import type { JSX } from 'preact';
import { pretty } from '../base/format.ts';
import { Json } from '../parts/json.tsx';
import type { Json as Value, JsonRecord } from '../wire/index.ts';

/** A tool's result as people read it: texts as texts, pictures as pictures. */
export function ResultView({ result }: { readonly result: JsonRecord }): JSX.Element {
  const { content, structuredContent } = result;
  const blocks = Array.isArray(content) ? content : [];
  return (
    <div class="stack">
      {blocks.map((block, index) => (
        <Block key={index} block={block} />
      ))}
      {structuredContent !== undefined && (
        <details>
          <summary>Structured content</summary>
          <Json text={JSON.stringify(structuredContent, null, 2)} label="Structured content" />
        </details>
      )}
      {blocks.length === 0 && structuredContent === undefined && <p class="muted">It answered nothing.</p>}
    </div>
  );
}

function Block({ block }: { readonly block: Value }): JSX.Element {
  if (typeof block === 'object' && block !== null && !Array.isArray(block)) {
    const { type, text, data, mimeType } = block;
    if (type === 'text' && typeof text === 'string') return <Json text={pretty(text)} label="Text" />;
    if (
      type === 'image' &&
      typeof data === 'string' &&
      typeof mimeType === 'string' &&
      /^image\/[\w.+-]+$/.test(mimeType)
    )
      return (
        <img
          class="result-image"
          src={`data:${mimeType};base64,${data}`}
          alt="Picture that the tool answered"
        />
      );
  }
  return <Json text={JSON.stringify(block, null, 2)} label="Content" />;
}
