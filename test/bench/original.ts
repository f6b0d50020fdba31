/** The local original (mcp-pyrunner, a server of MCP over stdio without isolation), measured as we are: what its users are used to. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { baseInterpreter } from '../../container/commands/python.ts'
import type { Answer } from './calls.ts'

/** Its newest version, and the newest of the SDK that it works with. */
const REQUIREMENTS = ['mcp-pyrunner==0.2.4', 'mcp==1.30.0', 'pandas==2.3.3']
const VENV = fileURLToPath(new URL('../../.venv/original', import.meta.url))

export interface Original {
  /** The folder of its packages, which programs import from. */
  packages: string
  /** Runs a program that has to succeed. */
  run: (code: string) => Promise<void>
  listTools: () => Promise<void>
  end: () => Promise<void>
}

/** Starts it with `home` as its home, where it keeps its settings; null where it cannot be installed. */
export async function startOriginal(home: string): Promise<Original | null> {
  const python = baseInterpreter(VENV)
  const command = join(VENV, 'bin', 'mcp-pyrunner')
  if (!existsSync(command)) {
    const arguments_ = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...REQUIREMENTS]
    if (spawnSync(python, arguments_, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) return null
  }
  // It runs programs by the `python` that it was started with.
  const child = spawn(command, { env: { PATH: process.env['PATH'], HOME: home }, stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const waiting = new Map<number, (message: ResponseMessage) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message: ResponseMessage = JSON.parse(line)
    waiting.get(message.id ?? -1)?.(message)
  })
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  let last = 0
  const ask = async (method: string, params: object): Promise<Answer> => {
    const id = ++last
    const answered = new Promise<ResponseMessage>((resolve) => waiting.set(id, resolve))
    send({ id, method, params })
    const broken = ended.then(() => Promise.reject(new Error('the original has ended')))
    const { result, error } = await Promise.race([answered, broken])
    waiting.delete(id)
    if (result === undefined) throw new Error(error?.message ?? `no answer to ${method}`)
    return { text: result.content?.[0]?.text ?? '', isError: result.isError === true }
  }
  const clientInfo = { name: 'bench', version: '1' }
  await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo })
  send({ method: 'notifications/initialized' })
  const packages = spawnSync(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], {
    encoding: 'utf8',
  })
  return {
    packages: packages.stdout.trim(),
    async run(code) {
      // Its errors are texts of successful calls.
      const { text } = await ask('tools/call', { name: 'run_python', arguments: { code, timeout: 120 } })
      if (!text.includes('SUCCESS')) throw new Error(`the original failed: ${text}`)
    },
    listTools: async () => void (await ask('tools/list', {})),
    async end() {
      child.kill()
      await ended
    },
  }
}

interface ResponseMessage {
  id?: number
  result?: { content?: { text: string }[]; isError?: boolean }
  error?: { message: string }
}
