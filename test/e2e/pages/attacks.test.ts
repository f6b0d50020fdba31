/** What programs, clients and files cannot make of the pages. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'

const it = signedInPage()

/** Texts that try to become script, markup, an end of their place, or somebody else's words. */
const ATTACKS = [
  '<script>pwned()</script>',
  '<img src=x onerror=pwned()>',
  '"><svg onload=pwned()>',
  "'><iframe srcdoc='<script>parent.pwned()</script>'>",
  '</pre></div></main><script>pwned()</script>',
  '</textarea><script>pwned()</script>',
  '</title><script>pwned()</script>',
  '</code></li></ol><script>pwned()</script>',
  'javascript:pwned()',
  '<a href="javascript:pwned()" style="position:fixed;inset:0">x</a>',
  '<style>*{display:none}</style>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=javascript:pwned()">',
  '<form action="/account/delete"><button>',
  '${pwned()}{{pwned()}}<%= pwned() %>',
  '&lt;script&gt;pwned()&lt;/script&gt;',
  '\u202e<script>pwned()</script>',
  '\u001b]8;;javascript:pwned()\u0007link\u001b]8;;\u0007',
  ']]><script>pwned()</script><!--',
  '\ndata: {"type":"outcome"}\n\nevent: outcome\ndata: {}\n\n',
]

test('what programs, clients and files are called and print is text wherever it stands', async () => {
  await it.page.addInitScript(() =>
    Object.assign(window, { pwned: () => ((window as { isPwned?: true }).isPwned = true) }),
  )
  for (const attack of ATTACKS) {
    // As the program and its comment, what it prints, its error and a file's name; as the description.
    const name = attack.replaceAll(/[/\n\0]/g, '_').slice(0, 80)
    const text = JSON.stringify(attack)
    const code = `# ${attack.replaceAll('\n', ' ')}\nimport sys\nprint(${text})\nprint(${text}, file=sys.stderr)\nopen(${JSON.stringify(`${name}.png`)}, "w").write(${text})\nopen(${JSON.stringify(`${name}.html`)}, "w").write(${text})\nraise ValueError(${text})`
    const { outcome } = await it.client.run({ code, description: attack })
    await it.page.goto(`${it.server.origin}/app/runs/${outcome.run_id}`)
    await it.ended('failed')
    await it.log.getByText('ValueError').first().waitFor()
    await it.page.goto(`${it.server.origin}/app/runs/${outcome.run_id}/log.txt`).catch(() => {}) // a download
    await it.page.goto(`${it.server.origin}/app/api/files/${encodeURIComponent(`${name}.html`)}`).catch(() => {})
  }
  await it.page.goto(`${it.server.origin}/app/runs`)
  for (const each of [it.page, ...it.context.pages()])
    expect(await each.evaluate(() => (window as { isPwned?: true }).isPwned)).toBe(undefined)
  expect(await it.page.locator('main script, main iframe, main style, main base, main meta, main svg').count()).toBe(0)
  expect(await it.page.locator('#list li').count()).toBeGreaterThanOrEqual(ATTACKS.length)
  expect(new URL(it.page.url()).origin).toBe(it.server.origin)
  expect(it.complaints.filter((each) => /Trusted|script|pwned/i.test(each))).toEqual([])
})
