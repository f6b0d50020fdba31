/** The sixteen colours of a terminal, each with its light and its dark form. Every one can be read on every background here: a test measures it. */
export const TEXT_COLOURS = [
  ['#24292f', '#b4b9c0'],
  ['#b3261e', '#ff9d96'],
  ['#146c2e', '#6dd58c'],
  ['#765000', '#e3b341'],
  ['#0a4fbd', '#8ab8ff'],
  ['#8a2fa8', '#e0a3ff'],
  ['#00606a', '#5fd3dc'],
  ['#565b62', '#d0d4da'],
  ['#565b62', '#b4b9c0'],
  ['#a8124a', '#ffb3ad'],
  ['#1f6b12', '#8ff0aa'],
  ['#6b5400', '#f2cc60'],
  ['#3d45c4', '#a8c7fa'],
  ['#9a1f86', '#efc2ff'],
  ['#0b5c80', '#8ce9f0'],
  ['#24292f', '#ffffff'],
] as const
export const BACKGROUNDS = [
  ['#e4e7eb', '#0f1114'],
  ['#ffe0dd', '#3d1715'],
  ['#dff3e3', '#10301b'],
  ['#fdf0c8', '#352a08'],
  ['#dfeaff', '#12284d'],
  ['#f5e2fb', '#35173f'],
  ['#dcf3f5', '#0d3236'],
  ['#eceef1', '#2e3339'],
] as const

/** Behind lines that an address names. */
export const MARKED = ['#fff0b8', '#42370f'] as const

export const TERMINAL = [
  `.line.marked { background: light-dark(${MARKED.join(', ')}); }`,
  '.bold { font-weight: 700; }',
  '.dim { color: var(--quiet); }',
  '.italic { font-style: italic; }',
  '.underline { text-decoration: underline; }',
  '.struck { text-decoration: line-through; }',
  '.underline.struck { text-decoration: underline line-through; }',
  ...TEXT_COLOURS.map(([light, dark], index) => `.fg-${index} { color: light-dark(${light}, ${dark}); }`),
  ...BACKGROUNDS.map(
    ([light, dark], index) => `.bg-${index}, .bg-${index + 8} { background: light-dark(${light}, ${dark}); }`,
  ),
  '.inverse { color: Canvas; background: CanvasText; }',
]
  .map((rule) => `${rule}\n`)
  .join('')
