/** Colors, type, forms and tables of every page: system fonts, light and dark. */
export const BASE = `
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
summary { cursor: pointer; padding: 0.25rem 0; }
`
