/** The package installer that the local runner finds beside its interpreter: uv, fetched while the server serves already. */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureUv } from '../uv.ts'

/** Fetches uv for the virtual environment in `folder` unless it is there. Reports a failure once, and each start tries again. */
export async function fetchInstaller(folder: string, signal?: AbortSignal): Promise<void> {
  const bin = join(folder, 'bin')
  const reason = await ensureUv(join(bin, 'python'), bin, signal)
  if (signal?.aborted) return
  const said = join(folder, 'without-uv.txt')
  if (reason === null) rmSync(said, { force: true })
  else if (!existsSync(said)) {
    writeFileSync(said, `${reason}\n`)
    console.log(`Packages are installed with pip, which takes longer, as uv cannot be had (${reason}).`)
  }
}
