/** What stands around the text of each page. */

/** A whole page. `body` is HTML, `title` is text, `home` is the link to the first page. */
export function htmlPage({ title, home, body }: { title: string; home: string; body: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · vmcp</title>
<style>${style}</style>
</head>
<body>
<header><a href="${home}">vmcp documentation</a></header>
<main>
${body}
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#d0d7de, #3d444d); --back: light-dark(#f6f8fa, #151b23); }
body { font: 16px/1.55 system-ui, sans-serif; margin: 0 auto; max-width: 56rem; padding: 0 1rem 4rem; }
header { border-bottom: 1px solid var(--line); padding: 1rem 0; }
pre, code { font-family: ui-monospace, monospace; font-size: .9em; }
pre { background: var(--back); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; padding: .8rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
img { max-width: 100%; }
`;
