/** The list of runs and the page of one. */
export const RUNS = `
.facts { font-variant-numeric: tabular-nums; }
.filters { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; }
.runs { list-style: none; padding: 0; border: 1px solid var(--line); border-radius: var(--radius); background: var(--raised); }
.runs:empty { border: 0; }
.runs li { padding: 0.7rem 1rem; border-top: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 0.1rem 0.75rem; align-items: baseline; }
.runs li:first-child { border-top: 0; }
.runs a.title { font-weight: 550; text-decoration: none; }
.runs a.title:hover { text-decoration: underline; }
.runs .title { flex: 1 1 16rem; padding: 0.2rem 0; overflow-wrap: anywhere; }
.facts { color: var(--quiet); }
.runs .facts a { color: inherit; text-decoration-color: var(--line); padding: 0.2rem 0; }
.facts .dot { white-space: nowrap; }
.counting { font-variant-numeric: tabular-nums; }
.runs .said { flex-basis: 100%; color: var(--quiet); font-size: 0.875rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.badge { white-space: nowrap; min-width: 7rem; }
.badge.success { color: var(--good); }
.badge.error, .badge.timeout, .badge.lost { color: var(--danger); }
dl.facts { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0.5rem 0; }
dl.facts div { display: flex; gap: 0.4rem; }
dl.facts dd { margin: 0; color: var(--text); }
.problem { border-inline-start: 4px solid var(--danger); padding-inline-start: 0.75rem; overflow-wrap: anywhere; }
.log { max-height: 60vh; min-height: 3rem; overflow: auto; padding: 0.75rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--sunken); white-space: pre-wrap; unicode-bidi: isolate; direction: ltr; }
.log pre { border: 0; padding: 0; margin: 0; background: none; }
.stderr { color: var(--danger); }
.log .stderr { border-inline-start: 3px solid var(--danger); padding-inline-start: 0.4rem; }
.log .status, .log .install, .log .none { color: var(--quiet); }
.program { padding: 0.75rem 0; margin: 0; border: 1px solid var(--line); border-radius: var(--radius); background: var(--sunken); counter-reset: line; list-style: none; }
.program li { display: flex; counter-increment: line; }
.program li > a { flex: 0 0 3.5rem; padding-inline-end: 0.75rem; text-align: end; text-decoration: none; color: var(--quiet); user-select: none; }
.program li > a::before { content: counter(line); }
.program code { white-space: pre-wrap; flex: 1; min-width: 0; padding-inline-end: 0.75rem; }
.program .marked, .program li:target { background: var(--marked); }
.hljs-keyword, .hljs-built_in, .hljs-literal { color: light-dark(#8250df, #d2a8ff); }
.hljs-string, .hljs-subst { color: light-dark(#0a5c36, #8ddb8c); }
.hljs-number { color: light-dark(#0550ae, #79c0ff); }
.hljs-comment { color: var(--quiet); font-style: italic; }
.hljs-title, .hljs-meta { color: light-dark(#953800, #ffa657); }
.pictures { display: flex; flex-wrap: wrap; gap: 0.75rem; }
.pictures figure { margin: 0; max-width: 100%; }
.pictures figcaption { overflow-wrap: anywhere; }
.pictures img { max-width: min(100%, 40rem); max-height: 30rem; border: 1px solid var(--line); border-radius: var(--radius); background: #fff; }
details.try { margin: 1.5rem 0; }
@media (prefers-reduced-motion: no-preference) { .badge.running span { animation: pulse 1.5s ease-in-out infinite; } }
@keyframes pulse { 50% { opacity: 0.35; } }
@media print { header, .filters, .try, .tools, form { display: none; } .log { max-height: none; overflow: visible; } }
`
