/** Colors, type, controls and tables of every page: system fonts, light and dark. Text has 4.5:1 on each of the three grounds. */
export const BASE = `
:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; accent-color: var(--accent);
  --ground: light-dark(#fafbfc, #101317); --raised: light-dark(#fff, #181c22); --sunken: light-dark(#f1f4f7, #0b0e12);
  --text: light-dark(#1b2129, #e7eaee); --quiet: light-dark(#56606b, #a3adb8); --line: light-dark(#dde2e8, #2b323b);
  --edge: light-dark(#8b95a1, #6b7682);
  --accent: light-dark(#0b57d0, #a8c7fa); --on-accent: light-dark(#fff, #062e6f); --soft: light-dark(#e8f0fe, #17263f);
  --danger: light-dark(#b3261e, #f2b8b5); --on-danger: light-dark(#fff, #601410); --good: light-dark(#146c2e, #6dd58c);
  --warning: light-dark(#8a4b00, #f0b866); --marked: light-dark(#fde9e7, #4a2321);
  --radius: 0.5rem; --mono: ui-monospace, 'Cascadia Mono', Menlo, Consolas, monospace; }
*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); }
main { max-width: 40rem; margin: 0 auto; padding: 2rem 1rem 5rem; }
.app main { max-width: 64rem; padding-top: 1.5rem; }
.app header { border-bottom: 1px solid var(--line); background: var(--raised); }
a { color: var(--accent); text-underline-offset: 0.15em; }
.skip { position: absolute; inset-inline-start: -100vw; }
.skip:focus { inset-inline-start: 1rem; background: var(--ground); z-index: 1; }
h1 { font-size: 1.6rem; font-weight: 650; line-height: 1.25; letter-spacing: -0.01em; margin: 0.5rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; font-weight: 650; margin: 2.5rem 0 0.75rem; }
code, pre, .log, .program, textarea { font: 0.875rem/1.5 var(--mono); overflow-wrap: anywhere; }
pre { margin: 0.75rem 0; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--sunken); white-space: pre-wrap; }
.copyable { position: relative; }
.copyable pre::before { content: ''; float: inline-end; width: 4rem; height: 1lh; }
.copyable button { position: absolute; inset: 0.6rem 0.5rem auto auto; padding: 0.15rem 0.6rem; font-size: 0.875rem; }
fieldset { border: 1px solid var(--line); border-radius: var(--radius); background: var(--raised); margin: 1rem 0; padding: 0.75rem 1rem; }
label { display: block; padding: 0.25rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; padding: 0.5rem 0.75rem 0.5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; color: var(--quiet); font-size: 0.9rem; }
th, td button { overflow-wrap: normal; white-space: nowrap; }
form.inline { display: inline; }
.note { border-inline-start: 4px solid var(--warning); padding-inline-start: 0.75rem; }
button, a.button { display: inline-block; font: inherit; font-weight: 500; line-height: 1.4; padding: 0.4rem 0.9rem; border-radius: var(--radius); border: 1px solid var(--edge); background: var(--raised); color: var(--text); text-decoration: none; cursor: pointer; }
button:hover, a.button:hover { background: var(--soft); }
button.primary, a.button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.danger { border-color: var(--danger); color: var(--danger); }
button.danger:hover, button.danger.primary { background: var(--danger); color: var(--on-danger); }
button.primary:hover, a.button.primary:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
input, select, textarea { max-width: 100%; border: 1px solid var(--edge); border-radius: var(--radius); background: var(--raised); color: var(--text); }
input, select { font: inherit; min-height: 2.25rem; padding: 0.25rem 0.6rem; }
input[type='checkbox'] { min-height: 0; width: 1.25rem; height: 1.25rem; vertical-align: -0.25em; }
input[type='file'] { field-sizing: content; border-color: transparent; background: none; padding-inline: 0; }
::file-selector-button { font: inherit; font-size: 0.9rem; padding: 0.25rem 0.75rem; margin-inline-end: 0.6rem; border: 1px solid var(--edge); border-radius: var(--radius); background: var(--raised); color: var(--text); cursor: pointer; }
input[type='text'], input[type='number'] { width: 100%; }
textarea { width: 100%; padding: 0.5rem 0.75rem; }
[name='code'] { field-sizing: content; min-height: 8lh; max-height: 70vh; }
::placeholder { color: var(--quiet); opacity: 1; }
[aria-invalid] { border-color: var(--danger); }
summary { cursor: pointer; padding: 0.25rem 0; }
@media (max-width: 30rem) { td button { padding: 0.3rem 0.6rem; } th, td { font-size: 0.9rem; } .filters > label { max-width: 100%; } .filters > label:has([name='search']) { flex: 1; display: flex; gap: 0.4rem; align-items: center; } .filters [name='search'] { flex: 1; width: 6rem; } }
`
