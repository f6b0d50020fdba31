/** Texts of the kinds that slow patterns and careless loops are slow on. */

const repeated = (part: string) => (chars: number) => part.repeat(Math.ceil(chars / part.length)).slice(0, chars)

/** What such a text is called → `chars` characters of it. */
export const SLOW_TEXTS: Record<string, (chars: number) => string> = {
  ...Object.fromEntries(
    [' ', '`', '\n', '\t', ',', '.', '[', '(', '"', "'", '1', '-', '_', '=', '/', '\\', '~', ';', '#', '\u001b['].map(
      (part) => [JSON.stringify(part), repeated(part)],
    ),
  ),
  'spaces and line breaks': repeated(' \n'),
  'addresses of mail': repeated('a@'),
  'addresses of the web': repeated('http://a'),
  paths: repeated('a/-b.'),
  'hexadecimal digits': repeated('0a'),
  'names of errors': repeated('\nValueError: x'),
  'secrets that are none': repeated('password=eyJaaaaaaaa-'),
  'brackets in brackets': (chars) => '['.repeat(chars / 2) + ']'.repeat(chars / 2),
  'a fence that does not end': (chars) => '```'.padEnd(chars),
  'a fence behind spaces': (chars) => '```'.padStart(chars),
  'spaces before a letter': (chars) => `${' '.repeat(chars - 1)}x`,
  'spaces behind a letter': (chars) => `x${' '.repeat(chars - 2)}x`,
}
