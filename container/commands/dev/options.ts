/** Options of `npm run dev`. */
import { existsSync, realpathSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CannotStart } from '../cannot-start.ts'

export interface Options {
  /** Port on 127.0.0.1; 0: any free one. */
  port: number
  /** The folder in which programs work; undefined: one for each user, below the state folder. */
  workspace: string | undefined
  /** Set when programs run in a container, by Docker. */
  container: boolean
  /** Folder for users, their files and their history. */
  state: string
  /** Variables of the Worker. */
  vars: Record<string, string>
  /** Port for a debugger; undefined: none. */
  inspectorPort: number | undefined
  /** Set to show all of wrangler's output. */
  verbose: boolean
}

export const DEFAULT_PORT = 8787

export const USAGE = `npm run dev -- [options]

  --port PORT            listens there on 127.0.0.1 (${DEFAULT_PORT}; 0: any free port)
  --workspace DIR        programs work in this folder
  --container            programs run in a container of their own, by Docker
  --persist-to DIR       keeps users, files, history there (.wrangler/state)
  --var NAME:VALUE       sets a variable of the Worker; may be repeated
  --inspector-port PORT  lets a debugger in, and with it every web page that
                         this machine visits: they could run code on it
  --verbose              shows all that wrangler says
  --help                 shows this

Folders count from where you are.`

/**
 * Reads the options. Relative paths count from the folder `from`; `state` is below `project` by default. Null: help is asked for. Throws
 * CannotStart on an unknown one.
 */
export function parseOptions(args: string[], from: string, project: string): Options | null {
  const values = read(args)
  if (values.help) return null
  const state = folderOf(values['persist-to'], '--persist-to', from) ?? defaultState(project)
  const inspector = values['inspector-port']
  return {
    port: portOf(values.port, '--port'),
    workspace: workspaceOf(values.workspace, values.container, from, project),
    container: values.container,
    state,
    vars: Object.fromEntries(values.var.map(variable)),
    inspectorPort: inspector === undefined ? undefined : portOf(inspector, '--inspector-port'),
    verbose: values.verbose,
  }
}

/** Folder of a local server's state by default. */
export function defaultState(project: string): string {
  return join(project, '.wrangler', 'state')
}

/** The folder in which somebody typed the command: npm changes to the project's, and tells where it was called. */
export function typedIn(): string {
  const byNpm = ['dev', 'demo'].includes(process.env['npm_lifecycle_event'] ?? '')
  return (byNpm ? process.env['INIT_CWD'] : undefined) ?? process.cwd()
}

function read(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string', default: String(DEFAULT_PORT) },
        workspace: { type: 'string' },
        container: { type: 'boolean', default: false },
        'persist-to': { type: 'string' },
        var: { type: 'string', multiple: true, default: [] },
        'inspector-port': { type: 'string' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    return values
  } catch (error) {
    // Node's words name the option and its fault; the sentence after a full stop is about other kinds of commands.
    const [reason] = error instanceof Error ? error.message.split(/\.\s/) : ['Unknown option']
    throw new CannotStart(`${reason}.\n\n${USAGE}`, { cause: error })
  }
}

function portOf(text: string, option: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (port <= 65_535) return port
  throw new CannotStart(`${option}: "${text}" is not a port. Fix: a whole number up to 65535, such as ${option} 8788.`)
}

/** The folder as an absolute path; undefined when the option was not given. */
function folderOf(given: string | undefined, option: string, from: string): string | undefined {
  if (given === '') throw new CannotStart(`${option}: no folder is named. Fix: name one, or leave the option out.`)
  return given === undefined ? undefined : resolve(from, given)
}

function workspaceOf(given: string | undefined, container: boolean, from: string, project: string): string | undefined {
  const folder = folderOf(given, '--workspace', from)
  if (folder === undefined) return undefined
  if (container) {
    throw new CannotStart(
      '--workspace: a container cannot work in a folder of this machine. Fix: leave one of both out.',
    )
  }
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new CannotStart(`--workspace: there is no folder "${folder}". Fix: make it, or name another.`)
  }
  if (realpathSync(folder) === realpathSync(project)) {
    throw new CannotStart(
      `--workspace: "${folder}" is this project's own folder, which holds its token. Fix: name another, such as a folder below it.`,
    )
  }
  return folder
}

function variable(text: string): [string, string] {
  const at = text.indexOf(':')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new CannotStart(`--var: "${text}" has no name and value. Fix: --var NAME:VALUE.`)
}
