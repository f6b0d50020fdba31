/** A run's output, line by line, its tools, and what stands beside its text. */
export const RUN_LOG = `
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (scripting: none) { .with-module { display: none !important; } }
.tools { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; margin: 0.5rem 0; }
.tools label { padding: 0; }
.tools input[type='text'] { width: auto; }
.tools button { padding: 0.15rem 0.6rem; min-height: 1.8rem; }
.problem a[href^='#P'] { white-space: nowrap; }
@media (max-width: 30rem) { .tools select { width: 7rem; } .tools input[type='text'] { width: 6rem; } }
#log { max-height: max(10rem, min(60vh, 100vh - 26rem)); }
#search { display: flex; flex-wrap: wrap; gap: 0.35rem; align-items: center; }
#search input { width: 10rem; }
#search output { color: var(--quiet); min-width: 8rem; }
.line { display: block; position: relative; }
.linked { --numbers: 4rem; }
.linked .line { padding-inline-start: var(--numbers); }
.linked .stderr { padding-inline-start: calc(var(--numbers) - 3px); }
.linked .stderr > a[data-n] { inset-inline-start: -3px; }
.line > a[data-n] { position: absolute; inset-inline-start: 0; width: 3.25rem; text-align: end; color: var(--quiet); text-decoration: none; user-select: none; }
.line > a[data-n]:hover { color: var(--accent); text-decoration: underline; }
.line > a[data-n]::before { content: attr(data-n); }
.line[data-at]::before { content: attr(data-at); display: inline-block; min-width: 5rem; margin-inline-end: 0.75rem; text-align: end; color: var(--quiet); font-variant-numeric: tabular-nums; }
.line.found { box-shadow: inset 3px 0 var(--accent); }
::highlight(found) { background: light-dark(#ffe9a8, #5a4700); color: CanvasText; }
::highlight(found-now) { background: light-dark(#ffb84d, #ffc257); color: #000; }
.keys dl { margin: 0.25rem 0; }
.keys dl > div { display: flex; gap: 0.75rem; padding: 0.15rem 0; }
.keys dt { min-width: 4rem; }
.keys dd { margin: 0; color: var(--quiet); }
kbd { font: 0.85em ui-monospace, monospace; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 0.3rem; padding: 0 0.35rem; background: var(--raised); }
@media (max-width: 30rem) { .linked { --numbers: 2.9rem; } .line > a[data-n] { width: 2.3rem; } }
#steps ol { list-style: none; padding: 0; }
#steps li { padding: 0.25rem 0; overflow-wrap: anywhere; }
#steps .failed > span:first-child { color: var(--danger); }
#steps .bar { display: block; min-width: 3px; height: 4px; border-radius: 2px; margin-top: 0.2rem; background: var(--accent); }
#steps .failed .bar { background: var(--danger); }
#steps pre { max-height: 20rem; overflow: auto; }
.table { max-height: 60vh; overflow: auto; border: 1px solid var(--line); border-radius: 0.4rem; }
.table table { border-collapse: separate; border-spacing: 0; font-variant-numeric: tabular-nums; }
.table caption { caption-side: bottom; text-align: start; padding: 0.4rem 0.6rem; color: var(--quiet); }
.table th, .table td { padding: 0.3rem 0.6rem; white-space: nowrap; max-width: 24rem; overflow: hidden; text-overflow: ellipsis; }
.table th { position: sticky; top: 0; background: var(--raised); }
.table .number { text-align: end; }
.framed { display: block; width: 100%; height: 24rem; margin: 0.75rem 0; border: 1px solid var(--line); border-radius: 0.4rem; background: #fff; color-scheme: light; resize: vertical; box-sizing: border-box; }
@media print { #log { max-height: none; } #log > div { content-visibility: visible !important; } .keys { display: none; } }
`
