/** `npm run build:pages`: builds the pages' own module and the view inside chats. Both are kept with the sources, so that no start has to build. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { TERMINAL } from '../../worker/web/style/terminal.ts'

const path = (url: URL) => fileURLToPath(url)
const CLIENT_BUILT = path(new URL('../../worker/web/client-built.ts', import.meta.url))
const CLIENT = path(new URL('../../worker/web/client/main.ts', import.meta.url))
const VIEW_BUILT = path(new URL('../../worker/mcp/view-built.ts', import.meta.url))
const VIEW = path(new URL('../../worker/web/client/view/main.ts', import.meta.url))
const VIEW_STYLE = path(new URL('../../worker/web/client/view/view.css', import.meta.url))
const VIEW_DOCUMENT = path(new URL('../../worker/web/client/view/view.html', import.meta.url))

/** The built files by path, as the sources are now. */
export async function builtFiles(): Promise<Record<string, string>> {
  const client = JSON.stringify(await bundled(CLIENT))
  const view = JSON.stringify(await viewDocument())
  const by = '/** Made by `npm run build:pages` of what is in'
  return {
    [CLIENT_BUILT]: `${by} client/. */\nexport const CLIENT = ${client}\n`,
    [VIEW_BUILT]: `${by} web/client/view/. */\nexport const VIEW = ${view}\n`,
  }
}

/** One document without any other file: a host gives it no network. */
async function viewDocument(): Promise<string> {
  const parts: Record<string, string> = {
    STYLE: (await bundled(VIEW_STYLE)) + TERMINAL.replaceAll(/\n| (?=\{)|(?<=[{:;]) /g, ''),
    SCRIPT: await bundled(VIEW),
  }
  const document = readFileSync(VIEW_DOCUMENT, 'utf8').replaceAll(/\n\s*/g, '')
  return document.replaceAll(/STYLE|SCRIPT/g, (name) => parts[name]!.trimEnd())
}

/** One file of a browser's, with all that it imports. */
export async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
  })
  return outputFiles[0]!.text
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(await builtFiles())) writeFileSync(path, text)
}
