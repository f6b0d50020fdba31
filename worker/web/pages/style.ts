/** The style sheet of all pages: system fonts and colors, light and dark. */
export const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif;
  --accent: light-dark(#0b57d0, #a8c7fa); --on-accent: light-dark(#fff, #062e6f);
  --danger: light-dark(#b3261e, #f2b8b5); --on-danger: light-dark(#fff, #601410);
  --good: light-dark(#146c2e, #6dd58c); --quiet: light-dark(#5a5f66, #a8adb5);
  --line: light-dark(#d5d9de, #3c4148); --raised: light-dark(#f4f6f8, #1d2125); --marked: light-dark(#fde9e7, #4a2321); }
body { margin: 0; background: Canvas; color: CanvasText; }
main { max-width: 40rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
.app main { max-width: 62rem; padding-top: 1rem; }
.app header { border-bottom: 1px solid var(--line); }
nav { max-width: 62rem; margin: 0 auto; padding: 0.5rem 1rem; display: flex; gap: 0.25rem 1.25rem; flex-wrap: wrap; }
nav a { padding: 0.25rem 0; color: inherit; }
a { color: var(--accent); }
.skip { position: absolute; inset-inline-start: -100vw; }
.skip:focus { inset-inline-start: 1rem; background: Canvas; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin-top: 2.5rem; }
code, pre, .log, .program, textarea { font: 0.9rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { padding: 0.75rem; border: 1px solid var(--line); border-radius: 0.4rem; white-space: pre-wrap; }
fieldset { border: 1px solid var(--line); border-radius: 0.4rem; margin: 1rem 0; }
label { display: block; padding: 0.25rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; padding: 0.4rem 0.5rem 0.4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th, td button { overflow-wrap: normal; white-space: nowrap; }
form.inline { display: inline; }
.note { border-inline-start: 4px solid #b35c00; padding-inline-start: 0.75rem; }
button, a.button { display: inline-block; font: inherit; padding: 0.5rem 1rem; border-radius: 0.4rem; border: 1px solid ButtonBorder; background: ButtonFace; color: ButtonText; text-decoration: none; cursor: pointer; }
button.primary, a.button { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.danger { background: var(--danger); border-color: var(--danger); color: var(--on-danger); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
textarea { width: 100%; box-sizing: border-box; padding: 0.5rem; }
input[type='text'], input[type='number'] { font: inherit; padding: 0.35rem; width: 100%; box-sizing: border-box; }
input, select { font: inherit; min-height: 1.6rem; max-width: 100%; box-sizing: border-box; }
@media (max-width: 30rem) { td button { padding: 0.35rem 0.6rem; } th, td { font-size: 0.9rem; } .filters > label { max-width: 100%; } }
.filters { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: end; }
.runs { list-style: none; padding: 0; }
.runs li { padding: 0.6rem 0; border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 0.1rem 0.75rem; align-items: baseline; }
.runs .title { flex: 1 1 16rem; padding: 0.2rem 0; overflow-wrap: anywhere; }
.facts { color: var(--quiet); }
.runs .said { flex-basis: 100%; color: var(--quiet); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.badge { white-space: nowrap; min-width: 7rem; }
.badge.success { color: var(--good); }
.badge.error, .badge.timeout, .badge.lost { color: var(--danger); }
dl.facts { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0.5rem 0; }
dl.facts div { display: flex; gap: 0.4rem; }
dl.facts dd { margin: 0; color: CanvasText; }
.problem { border-inline-start: 4px solid var(--danger); padding-inline-start: 0.75rem; overflow-wrap: anywhere; }
.log { max-height: 60vh; min-height: 3rem; overflow: auto; padding: 0.75rem; border: 1px solid var(--line); border-radius: 0.4rem; background: var(--raised); white-space: pre-wrap; unicode-bidi: isolate; direction: ltr; }
.log pre { border: 0; padding: 0; margin: 0; }
.chunk { content-visibility: auto; contain-intrinsic-size: auto 500lh; }
.chunk:last-child { content-visibility: visible; }
.stderr { color: var(--danger); }
.log .stderr { border-inline-start: 3px solid var(--danger); padding-inline-start: 0.4rem; }
.log .status, .log .install, .log .none { color: var(--quiet); }
.program { padding: 0.75rem 0; margin: 0; border: 1px solid var(--line); border-radius: 0.4rem; background: var(--raised); counter-reset: line; list-style: none; }
.program li { display: flex; counter-increment: line; }
.program li > a { flex: 0 0 3.5rem; padding-inline-end: 0.75rem; text-align: end; text-decoration: none; color: var(--quiet); user-select: none; }
.program li > a::before { content: counter(line); }
.program code { white-space: pre-wrap; flex: 1; min-width: 0; }
.program .marked, .program li:target { background: var(--marked); }
.hljs-keyword, .hljs-built_in, .hljs-literal { color: light-dark(#8250df, #d2a8ff); }
.hljs-string, .hljs-subst { color: light-dark(#0a5c36, #8ddb8c); }
.hljs-number { color: light-dark(#0550ae, #79c0ff); }
.hljs-comment { color: var(--quiet); font-style: italic; }
.hljs-title, .hljs-meta { color: light-dark(#953800, #ffa657); }
.pictures { display: flex; flex-wrap: wrap; gap: 0.75rem; }
.pictures img { max-width: min(100%, 40rem); max-height: 30rem; border: 1px solid var(--line); border-radius: 0.4rem; background: #fff; }
.learnings { list-style: none; padding: 0; }
.learnings > li { border-bottom: 1px solid var(--line); padding: 0.25rem 0; overflow-wrap: anywhere; }
.learnings p { margin: 0.35rem 0; }
.upload { border: 2px dashed var(--line); border-radius: 0.4rem; padding: 1rem; }
.upload.over { border-color: var(--accent); }
.upload li { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
.size { white-space: nowrap; overflow-wrap: normal; }
.files { padding-inline-start: 1.2rem; }
.setting { border-bottom: 1px solid var(--line); padding: 0.75rem 0; }
.setting p { margin: 0.25rem 0; }
.setting label { font-weight: 600; }
details.client { border-bottom: 1px solid var(--line); padding: 0.35rem 0; }
details.try { margin: 1.5rem 0; }
summary { cursor: pointer; padding: 0.25rem 0; }
@media (prefers-reduced-motion: no-preference) { .badge.running span { animation: pulse 1.5s ease-in-out infinite; } }
@keyframes pulse { 50% { opacity: 0.35; } }
@media print { header, .filters, .try, .tools, form { display: none; } .log { max-height: none; overflow: visible; } }
`.trimStart()
