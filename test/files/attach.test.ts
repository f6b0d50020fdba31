/** What comes back with a result: files and output in, attachments and reasons out. */
import { expect, test } from 'vitest'
import { ATTACHMENT_LIMITS, type OutcomeFile, planAttachments } from '../../worker/files/attach.ts'

function file(path: string, bytes = 100, change: OutcomeFile['change'] = 'created'): OutcomeFile {
  const extension = path.split('.').at(-1)!
  const mime = {
    png: 'image/png',
    jpg: 'image/jpeg',
    bmp: 'image/bmp',
    svg: 'image/svg+xml',
    csv: 'text/csv',
    html: 'text/html',
    env: 'text/plain',
    pem: 'text/plain',
  }[extension]
  const kind = ['png', 'jpg'].includes(extension) ? 'image' : mime?.startsWith('text/') ? 'text' : 'resource'
  const gone = change === 'deleted'
  return {
    path,
    change,
    bytes: gone ? null : bytes,
    mime: gone ? null : (mime ?? 'application/octet-stream'),
    kind,
    uri: `codemode://files/${path}`,
  }
}

const many = (count: number, extension: string, bytes?: number) =>
  Array.from({ length: count }, (_, index) => file(`${String(index).padStart(3, '0')}.${extension}`, bytes))

/** Each attachment in a few words. */
function planned(files: OutcomeFile[], stdout = '', stderr = '') {
  const { attachments, omitted } = planAttachments({ files, stdout, stderr })
  const words = attachments.map((each) => {
    if (each.as === 'picture') return `${each.convert ? 'converted ' : ''}picture ${each.file.path}`
    return each.as === 'text' ? `text ${each.file.path} ${each.chars} ${each.language}` : `link ${each.file.path}`
  })
  return { words, omitted: omitted.map(({ path, reason }) => `${path}: ${reason}`) }
}

test.each<[string, OutcomeFile[], string[]]>([
  ['nothing', [], []],
  ['a picture', [file('a.png')], ['picture a.png']],
  ['a changed picture', [file('a.png', 100, 'changed')], ['picture a.png']],
  ['a deleted picture', [file('a.png', 100, 'deleted')], []],
  ['a picture of the largest size', [file('a.jpg', 200_000)], ['picture a.jpg']],
  ['a picture that is larger', [file('a.png', 200_001)], ['converted picture a.png']],
  ['a bitmap', [file('a.bmp')], ['converted picture a.bmp']],
  ['a drawing', [file('a.svg')], ['converted picture a.svg']],
  ['a text', [file('a.csv')], ['text a.csv 100 csv']],
  ['a long text', [file('a.csv', 50_000)], ['text a.csv 4000 csv']],
  ['a page', [file('a.html', 4_000)], ['text a.html 4000 html']],
  ['an empty text', [file('a.csv', 0)], ['link a.csv']],
  ['something else', [file('a.bin')], ['link a.bin']],
  ['several', [file('a.bin'), file('b.csv'), file('c.png')], ['link a.bin', 'text b.csv 100 csv', 'picture c.png']],
])('%s', (_case, files, words) => {
  expect(planned(files)).toEqual({ words, omitted: [] })
})

test('of a long page no part is shown', () => {
  expect(planned([file('a.html', 4_001)])).toEqual({
    words: ['link a.html'],
    omitted: ['a.html: a part of a page shows nothing'],
  })
})

test('what the output names comes first, in the order of its mention', () => {
  const files = [file('a.png'), file('b.csv'), file('c.png'), file('d.bin')]
  expect(planned(files, 'see d.bin and c.png\n', 'a warning about b.csv').words).toEqual([
    'link d.bin',
    'picture c.png',
    'text b.csv 100 csv',
    'picture a.png',
  ])
})

test('a file that is only named is not attached', () => {
  expect(planned([], '/etc/hostname\nnotes.txt')).toEqual({ words: [], omitted: [] })
})

test.each(['.env', 'key.pem', 'id_rsa', '.aws/credentials'])('%s is listed with the reason', (path) => {
  expect(planned([file(path)], `wrote ${path}`)).toEqual({
    words: [],
    omitted: [`${path}: its name looks like that of a secret`],
  })
})

test('a sixth picture is linked to, and a named one is not the sixth', () => {
  const { words, omitted } = planned(many(6, 'png'), 'look at 005.png')
  expect(words.filter((each) => each.startsWith('picture'))).toEqual([5, 0, 1, 2, 3].map((n) => `picture 00${n}.png`))
  expect(words.at(-1)).toBe('link 004.png')
  expect(omitted).toEqual(['004.png: a result shows at most 5 pictures'])
})

test('texts share 12,000 characters', () => {
  const { words, omitted } = planned(many(5, 'csv', 9_000))
  expect(words).toEqual([
    'text 000.csv 4000 csv',
    'text 001.csv 4000 csv',
    'text 002.csv 4000 csv',
    'link 003.csv',
    'link 004.csv',
  ])
  expect(omitted).toHaveLength(2)
  expect(omitted[0]).toContain('12000 characters')
})

test('the last text gets what is left', () => {
  const files = [...many(2, 'csv', 4_000), file('a.csv', 3_500), file('b.csv', 4_000)]
  expect(planned(files).words.slice(2)).toEqual(['text a.csv 3500 csv', 'text b.csv 500 csv'])
})

test('a sixth text is linked to', () => {
  const { words, omitted } = planned(many(6, 'csv', 10))
  expect(words.at(-1)).toBe('link 005.csv')
  expect(omitted).toEqual(['005.csv: a result shows at most 5 texts'])
})

test('a text too large to be read is linked to', () => {
  expect(planned([file('a.csv', 2 * 1024 ** 2)])).toEqual({
    words: ['link a.csv'],
    omitted: ['a.csv: it is too large to show as text'],
  })
})

test('a hundred files become 20 links, and the rest is counted', () => {
  const { words, omitted } = planned(many(100, 'bin'))
  expect(words).toHaveLength(ATTACHMENT_LIMITS.links)
  expect(omitted).toEqual([': 80 more files are only listed'])
})

test('a hundred secrets are 20 reasons', () => {
  const { words, omitted } = planned(many(100, 'pem'))
  expect(words).toEqual([])
  expect(omitted).toHaveLength(ATTACHMENT_LIMITS.omitted)
  expect(omitted.at(-1)).toBe(': 81 more files are not attached, for such reasons')
})

test('all at once is bounded in every way', () => {
  const { attachments, omitted } = planAttachments({
    files: [...many(30, 'png', 5_000_000), ...many(30, 'csv', 50_000), ...many(40, 'bin', 10 ** 9)],
    stdout: '',
    stderr: '',
  })
  const count = (as: string) => attachments.filter((each) => each.as === as).length
  expect([count('picture'), count('text'), count('link')]).toEqual([5, 3, 20])
  expect(omitted.length).toBeLessThanOrEqual(20)
})

test('a file that another run may have made comes back only when this one names it', () => {
  const shared = (path: string): OutcomeFile => ({ ...file(path), shared: true })
  const { words, omitted } = planned([shared('theirs.png'), shared('mine.png'), file('own.csv')], 'saved mine.png')
  expect(words).toEqual(['picture mine.png', 'text own.csv 100 csv'])
  expect(omitted).toEqual([
    'theirs.png: another run was live when it was made; a program that prints its path gets it attached',
  ])
})

test('a page that was kept of what a program showed is a link, and no reason is given', () => {
  const shown = '.outputs/r_1/figure-1.html'
  expect(planned([file(shown), file('.outputs/r_1/last.html')])).toEqual({
    words: [`link ${shown}`, 'text .outputs/r_1/last.html 100 html'],
    omitted: [],
  })
})
