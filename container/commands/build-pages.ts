/** `npm run build:pages`: makes `worker/web/client-built.ts` of the pages' own module. It is kept with the sources, so that no start has to build. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const BUILT = fileURLToPath(new URL('../../worker/web/client-built.ts', import.meta.url))

/** The text of the file, as the sources are now. */
export async function builtClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../worker/web/client/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
  })
  const script = outputFiles[0]!.text
  return `/** Made by \`npm run build:pages\` of what is in client/. */\nexport const CLIENT = ${JSON.stringify(script)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(BUILT, await builtClient())
