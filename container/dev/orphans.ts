/** What a killed wrangler leaves running: workerd, which would keep the port. */
import { readdirSync, readFileSync } from 'node:fs'

/** Ends every process that has this text in its environment. Only Linux shows the environment of others; elsewhere nothing happens. */
export function endOrphans(marker: string): void {
  if (process.platform !== 'linux') return
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'latin1').includes(marker)) process.kill(pid, 'SIGKILL')
    } catch {
      // it has ended meanwhile, or is somebody else's
    }
  }
}
