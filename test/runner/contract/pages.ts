/** What a program would open in a browser: a file comes back, of an address it is said that nobody sees it. */
import { expect, test } from 'vitest'
import { type Contract, run } from './context.ts'

export function pages(the: Contract): void {
  async function opened(...lines: string[]) {
    const result = await run(the.runner, ['import webbrowser', ...lines].join('\n'))
    const made = result.events.flatMap((event) => (event.type === 'file' ? [event.path] : []))
    return { ...result, made: made.map((path) => path.replace(result.id, 'ID')) }
  }

  test.concurrent('a file elsewhere is kept, one of the working folder is there already', async () => {
    const { stdout, stderr, made } = await opened(
      'import pathlib, tempfile',
      'page = pathlib.Path(tempfile.mkdtemp()) / "a page.html"',
      'page.write_text("<p>")',
      'pathlib.Path("own.html").write_text("<b>")',
      'print(webbrowser.open(page.as_uri()), webbrowser.open_new_tab("own.html"))',
    )
    expect({ stdout, stderr, made }).toEqual({
      stdout: 'True True\n',
      stderr: '',
      made: ['.outputs/ID/figure-1.html', 'own.html'],
    })
  })

  test.concurrent('nobody sees an address, and a file that is no document is not kept', async () => {
    const { stdout, stderr, made } = await opened(
      'print(webbrowser.open("https://example.org/a"), webbrowser.open_new("https://example.org/a"), webbrowser.open("/etc/passwd"))',
    )
    expect({ stdout, made }).toEqual({ stdout: 'False False True\n', made: [] })
    expect(stderr).toBe('webbrowser: there is no browser here, so nobody sees https://example.org/a\n')
  })
}
