/** The page's styles: light and dark by the reader's setting, one column on a phone. */
export const pageStyle = `
:root { --bg:#fff; --panel:#f6f7f9; --ink:#1c2330; --dim:#5b6577; --grid:#dfe3ea; --a:#0a6cff; --b:#c2410c; --c:#9aa5b8; --d:#15803d; }
@media (prefers-color-scheme: dark) {
  :root { --bg:#0f1319; --panel:#181e27; --ink:#e8ecf3; --dim:#98a3b5; --grid:#2b3442; --a:#6aa8ff; --b:#fb923c; --c:#5d6b82; --d:#4ade80; }
}
* { box-sizing:border-box; }
body { margin:0; background:var(--bg); color:var(--ink); font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif; }
main { max-width:1080px; margin:0 auto; padding:24px 16px 48px; }
h1 { margin:0; font-size:26px; } h2 { font-size:18px; margin:0 0 8px; }
header p { margin:2px 0 0; }
section, figure { margin:24px 0 0; }
.dim { color:var(--dim); font-weight:400; }
.step { display:grid; grid-template-columns:108px 1fr 56px minmax(0,280px); gap:12px; align-items:center; padding:3px 0; }
.step .name { font-weight:600; } .step .count { text-align:right; font-weight:600; font-variant-numeric:tabular-nums; }
.track { background:var(--panel); border-radius:4px; height:22px; overflow:hidden; }
.fill { display:block; height:100%; background:var(--a); border-radius:4px; }
.tiles { display:grid; grid-template-columns:repeat(4,1fr); gap:12px; }
.tile { background:var(--panel); border-radius:8px; padding:12px 16px; }
.tile b { display:block; font-size:26px; line-height:1.2; } .tile span { color:var(--dim); font-size:14px; }
.words ul { margin:0; padding-left:20px; } .words li { margin:4px 0; }
.charts { display:grid; grid-template-columns:1fr 1fr; gap:24px; } .charts figure { margin:0; min-width:0; }
figcaption { display:flex; flex-wrap:wrap; gap:4px 16px; justify-content:space-between; margin-bottom:4px; }
.legend { display:flex; gap:12px; color:var(--dim); font-size:14px; } .legend i { display:inline-block; width:10px; height:10px; border-radius:2px; margin-right:5px; }
svg { display:block; width:100%; height:auto; } svg.wide { display:none; }
.grid { stroke:var(--grid); } .tick { fill:var(--dim); font-size:12px; }
.scroll { overflow-x:auto; } table { border-collapse:collapse; width:100%; font-variant-numeric:tabular-nums; }
th, td { text-align:right; padding:6px 8px; border-bottom:1px solid var(--grid); white-space:nowrap; }
th:first-child { text-align:left; font-weight:500; } th[scope="row"] { white-space:normal; overflow-wrap:break-word; min-width:120px; }
.words li, section > ul li { overflow-wrap:break-word; } thead th { color:var(--dim); font-weight:500; font-size:14px; }
.note { background:var(--panel); color:var(--dim); border-radius:4px; padding:0 6px; font-size:13px; }
footer { margin-top:32px; font-size:14px; }
@media (max-width:720px) {
  .charts { grid-template-columns:1fr; } .tiles { grid-template-columns:1fr 1fr; }
  .step { grid-template-columns:104px 1fr 48px; } .step .meaning { display:none; }
}
@media (max-width:560px) {
  thead { display:none; } tr { display:block; padding:8px 0; border-bottom:1px solid var(--grid); }
  th[scope="row"] { display:block; border:0; padding:2px 0; font-weight:600; }
  td { display:flex; justify-content:space-between; border:0; padding:2px 0; }
  td::before { content:attr(data-label); color:var(--dim); font-size:14px; }
}
@media (min-width:560px) and (max-width:720px) { svg.wide { display:block; } svg.narrow { display:none; } }
`;
