/** What a page comes to show: a busy machine is given as long as a browser's own waiting. */
import { expect } from 'vitest'

export const PATIENCE_MS = 30_000

export const until = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: PATIENCE_MS })
