/**
 * A package index (PEP 503, "simple") on loopback. A project named `stall` never gets an answer, of `half` only half a wheel comes, but its
 * metadata beforehand (PEP 658): uv, which would read the wheel for it and store nothing, so comes to downloading it. Of `cut` the
 * connection is closed in the middle of the wheel, of `cut-page` and `cut-chunks` in the middle of the index page, whose length was said or
 * whose last chunk is missing. A project named `status-500` is answered with that status.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Sdist, sdist, sdistName } from './sdist.ts'
import { metadataOf, type Wheel, wheel, wheelName } from './wheel.ts'

export interface PackageIndex extends AsyncDisposable {
  /** What makes pip and uv use this index and nothing else. */
  env: Record<string, string>
  /** The paths that were asked for. */
  requests: string[]
  /** Every `Authorization` that was sent along. */
  credentials: string[]
  url: string
}

export async function startPackageIndex(wheels: Wheel[], sdists: Sdist[] = []): Promise<PackageIndex> {
  const sources = new Map(sdists.map((each) => [sdistName(each), each]))
  const files = new Map(wheels.map((each) => [wheelName(each), each]))
  const requests: string[] = []
  const credentials: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    requests.push(path)
    if (request.headers.authorization !== undefined) credentials.push(request.headers.authorization)
    const file = files.get(path.split('/').at(-1)!)
    const described = files.get(
      path
        .split('/')
        .at(-1)!
        .replace(/\.metadata$/, ''),
    )
    const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1]
    const source = sources.get(path.split('/').at(-1)!)
    const links = [...files, ...sources]
      .filter(([, each]) => each.name === project)
      .map(
        ([name]) =>
          `<a href="/files/${name}"${project === 'half' ? ' data-dist-info-metadata="true"' : ''}>${name}</a>`,
      )
    if (project === 'stall') return
    if (project === 'cut-page' || project === 'cut-chunks') {
      response.setHeader('content-type', 'text/html')
      if (project === 'cut-page') response.setHeader('content-length', 1000)
      return void response.write('<!DOCTYPE html><html><body>', () => response.destroy())
    }
    const status = /^status-(\d{3})$/.exec(project ?? '')?.[1]
    if (status !== undefined) return void response.writeHead(Number(status)).end('not today')
    if (file?.name === 'half') response.write(wheel(file).subarray(0, wheel(file).length / 2))
    else if (file?.name === 'cut') {
      const body = wheel(file)
      response.setHeader('content-length', body.length)
      response.write(body.subarray(0, body.length / 2), () => response.destroy())
    } else if (file !== undefined) response.end(wheel(file))
    else if (source !== undefined) response.end(sdist(source))
    else if (described !== undefined) response.end(metadataOf(described))
    else if (links.length > 0)
      response.setHeader('content-type', 'text/html').end(`<!DOCTYPE html><html><body>${links.join('')}</body></html>`)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`
  return {
    env: {
      PIP_INDEX_URL: url,
      UV_DEFAULT_INDEX: url,
      PIP_CONFIG_FILE: '/dev/null',
      UV_NO_CONFIG: '1',
      PIP_NO_CACHE_DIR: '1',
      UV_NO_CACHE: '1',
    },
    requests,
    credentials,
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
