/** Gemini CLI's own way to sign in to an MCP server: discovery, registration, the browser, the code. Prints the token last. */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [, , folder, url] = process.argv
const core = createRequire(`${folder}/`).resolve('@google/gemini-cli-core')
const { MCPOAuthProvider } = await import(pathToFileURL(core).href)

const { accessToken } = await new MCPOAuthProvider().authenticate('code', {}, url)
process.stdout.write(`\n${accessToken}\n`, () => process.exit())
