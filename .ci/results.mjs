/**
 * What test-results.json says, and test-results-first.json where a second try followed.
 * `results.mjs failed` prints the files that failed, each on a line; `results.mjs count CODE` prints the closing lines.
 */
import { existsSync, readFileSync } from 'node:fs'

const resultsOf = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).testResults : [])
const testsOf = (files) => files.flatMap(({ assertionResults }) => assertionResults)
const count = (files, ...statuses) => testsOf(files).filter(({ status }) => statuses.includes(status)).length

const latest = resultsOf('test-results.json')
const first = existsSync('test-results-first.json') ? resultsOf('test-results-first.json') : latest
const failed = first.filter(({ status }) => status === 'failed')
const [what, code] = process.argv.slice(2)

if (what === 'failed') for (const { name } of failed) console.log(name)
else {
  const again = first === latest ? [] : latest
  for (const { name, message, assertionResults } of again.length > 0 ? failed : []) {
    console.log(`Failed at the first try: ${name}\n${message}`)
    for (const { fullName, failureMessages } of assertionResults)
      if (failureMessages.length > 0) console.log(`${fullName}\n${failureMessages.join('\n')}`)
  }
  const triedAgain = new Set(again.map(({ name }) => name))
  const last = [...first.filter(({ name }) => !triedAgain.has(name)), ...again]
  // A check before the tests, or a file that could not be loaded, counts as a failure too.
  const failures = Math.max(count(last, 'failed'), code === '0' ? 0 : 1)
  console.log(
    `${count(last, 'passed')} passed, ${failures} failed, ${count(last, 'pending', 'skipped', 'todo')} skipped`,
  )
}
