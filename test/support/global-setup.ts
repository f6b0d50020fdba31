/** Prepares the tests' Python once, so that no test waits for it. */
import { testPython } from './python.ts'

export default async function setup(): Promise<void> {
  await testPython()
}
