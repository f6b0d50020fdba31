/**
 * Starts a command of this folder, once its needs are there: `node container/commands/start.mjs dev`. Plain JavaScript without packages,
 * for any version of Node, as it has to answer before `npm install`, too.
 */
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

/** Oldest version of Node that takes TypeScript as it is. */
const OLDEST = [22, 18]
const [command, ...args] = process.argv.slice(2)

const missing = whatIsMissing()
if (missing !== null) {
  console.error(missing)
  process.exit(1)
}
// Node keeps what it compiles for the next start. Older versions cannot.
module.enableCompileCache?.(fileURLToPath(new URL('../../.wrangler/compiled', import.meta.url)))
process.argv = [process.argv[0], command, ...args]
await import(`./${command}.ts`)

function whatIsMissing() {
  if (!existsSync(new URL('../../node_modules/wrangler/package.json', import.meta.url))) {
    return `The packages of this project are not installed. Fix: npm install && npm run ${command}`
  }
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return null
  return `Node ${OLDEST.join('.')} or newer is needed, and this is ${process.versions.node}. Fix: npm rebuild node && npm run ${command} (it comes with the packages), or install a newer one.`
}
