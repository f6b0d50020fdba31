/** The `pip_install` tool. */
import type { CallToolResult, McpServer } from '@modelcontextprotocol/server'
import { parseRequirements } from '../../run/packages/requirement.ts'
import { requestErrorWords } from '../../run/words/platform.ts'
import { INSTALL_TIMEOUT_S } from '../../run/contract/bounds.ts'
import { toolArguments } from '../arguments/arguments.ts'
import { boundedText } from '../arguments/bounded-text.ts'
import { Installation } from '../installation.ts'
import { installedWords, judged, type RefusedPackage } from '../wanted-packages.ts'
import { reportProgress } from '../progress.ts'
import type { PackagesCaller } from '../caller.ts'
import { installedLine } from '../results/text.ts'
import { refusedResult, toolResult } from '../results/tool-result.ts'

const MAX_CHARS = 4_000

const inputSchema = toolArguments({
  package_name: boundedText(MAX_CHARS, 'install in several calls').describe(
    'Separated by commas or spaces: "pandas>=2,<3, httpx[http2]".',
  ),
})

/** The data of a result. */
interface InstallResult {
  /** success: everything that was requested is installed. */
  status: 'success' | 'error'
  /** Specifiers for the installer. */
  requested: string[]
  /** New distributions, dependencies included: name==version. */
  installed: string[]
  refused: RefusedPackage[]
  message: string
}

export function registerPipInstall(server: McpServer, caller: PackagesCaller): void {
  server.registerTool(
    'pip_install',
    {
      title: 'Install packages',
      description: `Installs Python packages ahead of time; they persist. Programs get missing ones by themselves: this is for certain versions, \
extras, and packages that are not called like their module. No options, addresses or files.`,
      inputSchema,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    },
    async ({ package_name }, { mcpReq }) => {
      const parsed = parseRequirements(package_name)
      if ('refused' in parsed) return refusedResult(`Nothing was installed. ${parsed.refused}`)
      const { requested, refused } = judged(parsed.requirements, caller.settings())
      if (requested.length === 0) {
        return result({ status: 'error', requested, installed: [], refused, message: 'Nothing was installed.' })
      }
      try {
        const installation = new Installation(caller.install(requested, INSTALL_TIMEOUT_S, mcpReq.signal))
        await reportProgress(installation, mcpReq, () => caller.clientReady())
        const done = await installation.outcome
        const message = installedWords(done, requested, installation.said)
        const complete = done?.status === 'success' && refused.length === 0
        return result({
          status: complete ? 'success' : 'error',
          requested,
          installed: done?.installed ?? [],
          refused,
          message,
        })
      } catch (error) {
        return refusedResult(requestErrorWords(error, 'Nothing was installed.'))
      }
    },
  )
}

function result(facts: InstallResult): CallToolResult {
  const { status, installed, refused, message } = facts
  const lines = [
    message,
    ...(installed.length > 0 ? [installedLine(installed)] : []),
    ...refused.map(({ name, reason }) => `Refused ${name}: ${reason}`),
  ]
  return toolResult(lines.join('\n'), facts, status === 'error')
}
