/** Programs that parse are never changed: the standard library's own, read as programs and as cells. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { testPython } from '../support/python.ts'

const CONTAINER = fileURLToPath(new URL('../../container', import.meta.url))

/** Prints how many of the library's modules parse, and which of them are not taken as they stand. */
const READ = `
import ast, json, pathlib, sys, sysconfig, warnings
from runner.packages.check import reading
from runner.program.notebook import cell, install_command
warnings.simplefilter("ignore")
count, changed = 0, []
library = pathlib.Path(sysconfig.get_path("stdlib"))
for path in [*library.glob("*.py"), *library.glob("[aceijlmrux]*/*.py")]:
    if "packages" in path.parent.name:
        continue
    code = path.read_bytes().decode(errors="replace")
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        continue
    count += 1
    taken = reading.read(code)
    if (taken.program, taken.python, taken.repairs, taken.lines, taken.specs) != (code, code, [], [], []):
        changed.append(f"{path.name} as a program")
    if cell.transform(code, install_command.requirements).python != code:
        changed.append(f"{path.name} as a cell")
print(json.dumps([count, changed]))
`

test('the modules of the standard library are taken as they stand', async () => {
  const { stdout } = await promisify(execFile)(await testPython(), ['-c', READ], { cwd: CONTAINER })
  const [count, changed] = JSON.parse(stdout) as [number, string[]]
  expect(changed).toEqual([])
  expect(count).toBeGreaterThan(200)
})
