/** What programs, clients, files and other sites cannot make of the pages. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

/** Where script ran that was none of ours: each call of `pwned()`, in any page, frame or worker of the browser. */
let pwned: string[]
beforeEach(async () => {
  pwned = []
  await it.context.exposeBinding('pwned', ({ frame }) => void pwned.push(frame.url()))
})

/** Whether the pages still are what they were: ours, with nothing over or beside them. */
async function untouched(): Promise<void> {
  expect(new URL(it.page.url()).origin).toBe(it.server.origin)
  // A result may be shown in a frame that is allowed nothing.
  const foreign =
    'main script, main iframe:not([sandbox=""]), main style, main base, main meta, main object, main embed'
  expect(await it.page.locator(foreign).count()).toBe(0)
  const first = it.page.getByRole('navigation').getByRole('link').first()
  // It is the first thing at its place, so nothing lies over it.
  await first.click({ trial: true })
}

test('a call of the function that the attacks call is noticed', async () => {
  await it.page.evaluate(() => (window as unknown as { pwned: () => void }).pwned())
  await expect.poll(() => pwned.length).toBe(1)
})

const SCRIPT = '<script>pwned()</script>'
/** Texts that try to become script, markup, an end of their place, or somebody else's words. */
const TEXTS = [
  SCRIPT,
  '<ScRiPt>pwned()</sCrIpT>',
  '<script/x>pwned()</script>',
  '<scr<script>ipt>pwned()</scr</script>ipt>',
  '<script type=module>pwned()</script>',
  '<script src="data:text/javascript,pwned()"></script>',
  '<img src=x onerror=pwned()>',
  '<img src=x:x onerror="&#112;wned()">',
  '"><svg onload=pwned()>',
  '<svg><script>pwned()</script></svg>',
  '<svg><animate onbegin=pwned() attributeName=x dur=1s>',
  '<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><script>pwned()</script></svg>#x">',
  '<math><mtext><table><mglyph><style><img src=x onerror=pwned()>',
  "'><iframe srcdoc='<script>parent.pwned()</script>'>",
  '<iframe src="javascript:parent.pwned()">',
  '<object data="data:text/html,<script>pwned()</script>">',
  '<embed src="javascript:pwned()">',
  '<body onload=pwned()>',
  '<input autofocus onfocus=pwned()>',
  '<select autofocus onfocus=pwned()>',
  '<details open ontoggle=pwned()>',
  '<video><source onerror=pwned()>',
  '<audio src=x onerror=pwned()>',
  '<marquee onstart=pwned()>',
  '<div style="animation:x" onanimationstart=pwned()>',
  '<div popover id=x onbeforetoggle=pwned()><button popovertarget=x autofocus>',
  '<template shadowrootmode=open><script>pwned()</script></template>',
  `</pre></div></main>${SCRIPT}`,
  `</textarea>${SCRIPT}`,
  `</title>${SCRIPT}`,
  `</code></li></ol>${SCRIPT}`,
  `</span></bdi></a></dd></dl>${SCRIPT}`,
  `</option></select>${SCRIPT}`,
  `</style>${SCRIPT}`,
  `--></noscript>${SCRIPT}`,
  `]]>${SCRIPT}<!--`,
  '" onmouseover="pwned()" x="',
  "' onmouseover='pwned()' x='",
  '` onmouseover=pwned() `',
  '" autofocus onfocus="pwned()',
  'javascript:pwned()',
  'JaVaScRiPt:pwned()',
  'java\tscript:pwned()',
  'data:text/html,<script>pwned()</script>',
  '<a href="javascript:pwned()" style="position:fixed;inset:0">x</a>',
  '<div style="position:fixed;inset:0;z-index:9999">Sign in again',
  '<style>*{display:none}</style>',
  '<link rel=stylesheet href="data:text/css,*{display:none}">',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=javascript:pwned()">',
  '<meta http-equiv="Content-Security-Policy" content="script-src *">',
  '<form action="/account/delete"><button>',
  '<form id=x></form><button form=x formaction="javascript:pwned()" autofocus>',
  '<img name=trustedTypes><form name=document><input name=querySelector>',
  '${pwned()}{{pwned()}}<%= pwned() %>#{pwned()}',
  '{{constructor.constructor("pwned()")()}}',
  '__proto__',
  '&lt;script&gt;pwned()&lt;/script&gt;',
  '&#60;script&#62;pwned()&#60;/script&#62;',
  '\\u003cscript\\u003epwned()\\u003c/script\\u003e',
  '\uFF1Cscript\uFF1Epwned()\uFF1C/script\uFF1E',
  `\u202e${SCRIPT}\u2066`,
  '\u001b]8;;javascript:pwned()\u0007link\u001b]8;;\u0007',
  '\u001b[31m<img src=x onerror=pwned()>\u001b[0m',
  '\u001b]8;;"><img src=x onerror=pwned()>\u001b\\x\u001b]8;;\u001b\\',
  '\u001b[2J\u001b[H\u001bcYou are signed out',
  `a\r${SCRIPT}\b\b`,
  '\ndata: {"type":"outcome"}\n\nevent: outcome\ndata: {}\n\n',
  '\n\nevent: stdout\ndata: {"type":"stdout","text":"<img src=x onerror=pwned()>"}\n\n',
]

const PARTS = [0, 1, 2].map((part) => ({ part, texts: TEXTS.filter((_, i) => i % 3 === part) }))

test.each(PARTS)(
  'what programs, clients, learnings and files are made of stays text wherever it stands ($part)',
  async ({ texts }) => {
    for (const attack of texts) {
      // As the program and its comment, what it prints, its error and a file's name; as the description.
      const name = attack.replaceAll(/[/\n\0]/g, '_').slice(0, 80)
      const text = JSON.stringify(attack)
      const code = [
        `# ${attack.replaceAll(/[\r\n]/g, ' ')}`,
        'import sys',
        `print(${text})`,
        `print(${text}, file=sys.stderr)`,
        `open(${JSON.stringify(`${name}.png`)}, "w").write(${text})`,
        `open(${JSON.stringify(`${name}.txt`)}, "w").write(${text})`,
        `raise ValueError(${text})`,
      ].join('\n')
      const { outcome } = await it.client.run({ code, description: attack })
      await it.client.call('add_learning', { error_pattern: attack, solution: attack, context: attack })
      await it.open(`/app/runs/${outcome.run_id}`)
      await it.ended('failed')
      await it.log.getByText('ValueError').first().waitFor()
      await untouched()
    }
    for (const path of ['/app/runs', '/app/files', '/app/learnings', '/']) {
      await it.open(path)
      await untouched()
    }
    await it.open('/app/runs')
    await until(() => it.page.locator('#list li').count()).toBeGreaterThanOrEqual(texts.length)
    expect(pwned).toEqual([])
    expect(it.complaints.filter((each) => /Trusted|script|pwned/i.test(each))).toEqual([])
  },
)

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="parent.pwned()"><script>pwned()</script><foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="pwned()"/></body></foreignObject></svg>`
const HTML = `<!doctype html><script>(top.pwned||pwned)();top.location='/account'</script><img src=x onerror=pwned()><form action="/account/sign-out-everywhere" method="post"><button autofocus>x</button></form><script>document.forms[0].submit()</script>`
/** Files that try to be a document with our origin's rights. */
const FILES: Record<string, string> = {
  'a.html': HTML,
  'a.htm': HTML,
  'a.xhtml': `<html xmlns="http://www.w3.org/1999/xhtml"><script>pwned()</script></html>`,
  'a.svg': SVG,
  'a.xml': `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="data:text/xml,${encodeURIComponent('<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform"><x:template match="/"><script>pwned()</script></x:template></x:stylesheet>')}"?><a/>`,
  'a.txt': HTML,
  'a.json': HTML,
  'a.csv': HTML,
  'a.png': HTML,
  'a.gif': `GIF89a/*${HTML}*/=pwned()`,
  'a.pdf': `%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(pwned())>>>>endobj`,
  'a.js': 'pwned()',
  'a.css': `</style>${SCRIPT}`,
  'a.md': HTML,
  'a.mhtml': `MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n--x\nContent-Type: text/html\n\n${HTML}\n--x--`,
  'a.html.png': HTML,
  'no ending': HTML,
  'a.html;.txt': HTML,
}

test(`${Object.keys(FILES).length} files that try to be a page of ours run nothing, opened, shown or framed`, async () => {
  for (const [name, content] of Object.entries(FILES)) {
    const code = `open(${JSON.stringify(name)}, "w").write(${JSON.stringify(content)})`
    const { outcome } = await it.client.run({ code })
    await it.open(`/app/runs/${outcome.run_id}`)
    await it.ended('succeeded')
    await untouched()
    // Some are shown, others are a download: the browser then stays where it was.
    await it.page.goto(`${it.server.origin}/app/api/files/${encodeURIComponent(name)}`).catch(() => {})
    if (it.page.url().includes('/app/api/'))
      await it.page.evaluate(() => document.querySelector('form')?.submit()).catch(() => {})
  }
  // Whoever is signed out by a file would be asked to sign in here.
  await it.open('/app/files')
  await it.page.getByText('a.mhtml').first().waitFor()
  await untouched()
  expect(pwned).toEqual([])
})

/** A page of another origin of the same machine. For cookies it is the same site: they come along. */
let site: Server
let foreign: string
beforeAll(async () => {
  site = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><body>'))
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done))
  foreign = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
})
afterAll(() => site?.close())

/** Forms that another site's page sends: path, fields. */
const FORMS: [string, Record<string, string>][] = [
  ['/app/runs', { code: 'open("pwned.txt", "w")' }],
  ['/app/settings', { default_timeout: '77' }],
  ['/app/learnings/import', { file: '[]' }],
  ['/account/tokens', { name: 'theirs', days: '90', scope: 'run' }],
  ['/account/sign-out-everywhere', {}],
  ['/account/delete', { confirm: 'delete' }],
  ['/sign-out', {}],
  ['/app/api/runs', { code: 'open("pwned.txt", "w")' }],
  ['/app/api/config', { default_timeout: '77' }],
]
interface Asked {
  path: string
  method: string
  body?: string
  mode: 'cors' | 'no-cors'
}
/** What a script of another site's page asks for. The body is what our own page sends. */
const ASKED: Asked[] = [
  ...(
    [
      ['POST', '/app/api/runs', '{"code":"open(\'pwned.txt\', \'w\')"}'],
      ['PATCH', '/app/api/config', '{"default_timeout":77}'],
      ['PUT', '/app/api/files/pwned.txt', 'x'],
      ['DELETE', '/app/api/files/kept.txt', undefined],
      ['POST', '/app/api/learnings/import', '[]'],
      ['GET', '/app/api/runs', undefined],
      ['GET', '/app/api/files/kept.txt', undefined],
      ['GET', '/app/runs', undefined],
      ['GET', '/account', undefined],
    ] as const
  ).flatMap(([method, path, body]) =>
    (['cors', 'no-cors'] as const).map((mode) => ({ method, path, mode, ...(body !== undefined && { body }) })),
  ),
]

test(`another site's page starts, changes and reads nothing by ${FORMS.length + ASKED.length + 6} ways`, async () => {
  await it.client.run({ code: 'open("kept.txt", "w").write("kept")' })
  const kept = async (path: string) => (await it.context.request.get(`${it.server.origin}/app/api${path}`)).text()
  const runs = async () => ((await kept('/runs?limit=200')).match(/"run_id"/g) ?? []).length
  const before = await runs()
  const other = await it.context.newPage()
  for (const [path, fields] of FORMS) {
    await other.goto(foreign)
    await Promise.all([
      other.waitForNavigation(),
      other.evaluate(
        ([action, values]) => {
          const form = document.createElement('form')
          Object.assign(form, { method: 'post', action })
          for (const [name, value] of Object.entries(values)) {
            const input = document.createElement('input')
            Object.assign(input, { name, value })
            form.append(input)
          }
          document.body.append(form)
          // Afterwards, as this call ends with its page.
          setTimeout(() => form.submit())
        },
        [it.server.origin + path, fields] as const,
      ),
    ])
    expect([path, await other.evaluate(() => document.body.innerText)]).toEqual([
      path,
      expect.stringMatching(/sent by another site|not from here|pages of this server|not allowed|Origin/i),
    ])
  }
  await other.goto(foreign)
  const read = await other.evaluate(
    async ([origin, asked]) => {
      const texts: string[] = []
      for (const { path, ...init } of asked) {
        try {
          texts.push(await (await fetch(origin + path, { ...init, credentials: 'include' })).text())
        } catch {
          texts.push('')
        }
      }
      return texts
    },
    [it.server.origin, ASKED] as const,
  )
  expect(read).toEqual(ASKED.map(() => ''))
  // Ways without a request of its own: events, pictures, scripts, frames, windows, beacons.
  const got = await other.evaluate(async (origin) => {
    const within = <T>(promise: Promise<T>) =>
      Promise.race([
        promise.catch(() => 'refused'),
        new Promise<string>((done) => setTimeout(() => done('nothing'), 20_000)),
      ])
    const loaded = (tag: 'img' | 'script', src: string) =>
      within(
        new Promise<string>((done) => {
          const element = Object.assign(document.createElement(tag), { src })
          element.addEventListener('load', () => done('loaded'))
          element.addEventListener('error', () => done('refused'))
          document.body.append(element)
        }),
      )
    const events = within(
      new Promise<string>((done) => {
        const source = new EventSource(`${origin}/app/api/runs/live`, { withCredentials: true })
        source.addEventListener('open', () => done('loaded'))
        source.addEventListener('error', () => done('refused'))
      }),
    )
    const frame = document.createElement('iframe')
    const framed = within(
      new Promise<string>((done) => {
        frame.src = `${origin}/app/runs`
        // A refused page is an error page of the browser, which is of no origin of ours; nothing of either can be read.
        frame.addEventListener('load', () => done(frame.contentDocument === null ? 'refused' : 'loaded'))
        document.body.append(frame)
      }),
    )
    const opened = window.open(`${origin}/app/runs`)
    /** What is seen of the window once it is no longer the empty one that it begins as. */
    const seen = async () => {
      for (;;) {
        try {
          if (opened === null || opened.closed) return 'refused'
          if (opened.location.href !== 'about:blank') return opened.document.body.innerText
        } catch {
          return 'refused'
        }
        await new Promise((done) => setTimeout(done, 50))
      }
    }
    const ofWindow = await within(seen())
    navigator.sendBeacon(`${origin}/app/api/runs`, '{"code":"open(\'pwned.txt\', \'w\')"}')
    return [
      await events,
      await loaded('img', `${origin}/app/api/files/kept.txt`),
      await loaded('script', `${origin}/app/api/runs`),
      await framed,
      ofWindow,
    ]
  }, it.server.origin)
  // A browser need not tell that it has refused a frame; what is in one is looked at below.
  const none = expect.stringMatching(/^(?:refused|nothing)$/)
  expect(got).toEqual(['refused', 'refused', 'refused', none, 'refused'])
  const frames = other.frames().filter((frame) => frame !== other.mainFrame())
  for (const frame of frames) expect(await frame.content()).not.toContain('Runs')
  expect(await runs()).toBe(before)
  expect((await it.client.call('configure', {})).text).not.toContain('default_timeout = 77')
  const files = await kept('/files')
  expect(files).toContain('kept.txt')
  expect(files).not.toContain('pwned.txt')
  await it.open('/account')
  expect(await it.page.getByText('theirs').count()).toBe(0)
  await it.page.getByRole('heading', { name: 'Your account' }).waitFor()
  expect(pwned).toEqual([])
})
