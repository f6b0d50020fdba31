/** A user that nobody else has, over HTTP. */
import { allFrames } from './events.ts'
import { sendTo } from './mcp.ts'
import { userToken } from './users.ts'

export interface Listed {
  runs: { run_id: string; description: string; error: { type: string } | null; tool: string; client: string }[]
  next: string | null
}

export async function newUser() {
  const headers = { authorization: `Bearer ${await userToken(crypto.randomUUID())}` }
  const get = (path: string) => sendTo(path, 'GET', undefined, headers)
  return {
    token: headers.authorization.slice('Bearer '.length),
    get,
    list: async (query = ''): Promise<Listed> => (await get(`/runs${query}`)).json(),
    run: async (args: object) => {
      const frames = await allFrames(await sendTo('/runs', 'POST', args, headers))
      return (frames.at(-1)!.data as { outcome: { run_id: string } }).outcome.run_id
    },
  }
}
