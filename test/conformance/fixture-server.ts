/**
 * The server the official MCP conformance suite expects: the names, arguments and texts below are its scenarios' wording.
 * One factory serves both revisions, as production's does.
 */
import { McpServer, type McpServerOptions, type ServerNotifier } from '@modelcontextprotocol/server'
import type { Caller } from '../../worker/mcp/caller.ts'
import { TaskServer } from '../../worker/mcp/tasks/server.ts'

import type { AskedTasks } from './fixture/asked-tasks.ts'
import { registerClientRequestTools } from './fixture/client-request-tools.ts'
import { registerContentTools } from './fixture/content-tools.ts'
import { registerInputRequired } from './fixture/input-required.ts'
import { registerPrompts } from './fixture/prompts.ts'
import { requestState } from './fixture/request-state.ts'
import { registerResources } from './fixture/resources.ts'
import { registerSchemaTools } from './fixture/schema-tools.ts'
import { registerStreamTools } from './fixture/stream-tools.ts'
import { fixtureTasks, registerTaskTools } from './fixture/task-tools.ts'

/**
 * A fresh server with everything the suite asks for. `notify` publishes list changes to open `subscriptions/listen` streams
 * (2026-07-28); without it no list change is advertised, as in the 2025 lane, which has no standing stream and no tasks.
 */
export function createFixtureServer(caller: Caller, asked: AskedTasks, notify?: ServerNotifier): McpServer {
  const listChanged = notify !== undefined
  const info = { name: 'conformance-fixture', version: '1.0.0' }
  const options: McpServerOptions = {
    capabilities: {
      tools: { listChanged },
      prompts: { listChanged },
      resources: { listChanged, subscribe: true },
      completions: {},
      logging: {},
    },
    requestState: { verify: (state, ctx) => requestState.verify(state, ctx) },
  }
  const server = listChanged ? new TaskServer(info, options, fixtureTasks(caller, asked)) : new McpServer(info, options)
  registerContentTools(server)
  registerSchemaTools(server)
  registerStreamTools(server, notify)
  registerClientRequestTools(server)
  registerInputRequired(server)
  if (listChanged) registerTaskTools(server, caller, asked)
  registerResources(server)
  registerPrompts(server)
  return server
}
