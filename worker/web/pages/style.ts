/** The style sheet of all pages: system fonts and colors, light and dark. */
export const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; background: Canvas; color: CanvasText; }
main { max-width: 40rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.15rem; margin-top: 2.5rem; }
code, pre { font: 0.9rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { padding: 0.75rem; border: 1px solid GrayText; border-radius: 0.4rem; white-space: pre-wrap; }
fieldset { border: 1px solid GrayText; border-radius: 0.4rem; margin: 1rem 0; }
label { display: block; padding: 0.25rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; padding: 0.4rem 0.5rem 0.4rem 0; border-bottom: 1px solid GrayText; vertical-align: top; overflow-wrap: anywhere; }
th, td button { overflow-wrap: normal; white-space: nowrap; }
form.inline { display: inline; }
.note { border-inline-start: 4px solid #b35c00; padding-inline-start: 0.75rem; }
button, a.button { display: inline-block; font: inherit; padding: 0.5rem 1rem; border-radius: 0.4rem; border: 1px solid ButtonBorder; background: ButtonFace; color: ButtonText; text-decoration: none; cursor: pointer; }
button.primary, a.button { background: #0b57d0; border-color: #0b57d0; color: #fff; }
button.danger { background: #b3261e; border-color: #b3261e; color: #fff; }
:focus-visible { outline: 3px solid #0b57d0; outline-offset: 2px; }
input[type='text'], input[type='number'] { font: inherit; padding: 0.35rem; width: 100%; box-sizing: border-box; }
`.trimStart()
