import { readFileSync } from 'node:fs'
import { pillowWheel } from '../support/pillow.ts'
import type { Wheel } from '../support/wheel.ts'

const source = (path: string) => readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8')

/** What the index of the transcripts holds: stand-ins for well-known packages, and small ones of its own. */
export function standIns(): Wheel[] {
  return [
    pillowWheel(),
    {
      name: 'matplotlib',
      version: '3.11.2',
      modules: { 'matplotlib/__init__.py': '', 'matplotlib/pyplot.py': source('matplotlib/pyplot.py') },
    },
    { name: 'pandas', version: '3.1.1', modules: { 'pandas/__init__.py': source('pandas/__init__.py') } },
    { name: 'opencv-python-headless', version: '4.12.0', modules: { 'cv2.py': "VERSION = '4.12.0'\n" } },
    { name: 'tabulate', version: '0.10.0', modules: { 'tabulate.py': '' } },
    { name: 'tinypkg', version: '1.0', modules: { 'tinypkg.py': "VERSION = '1.0'\n" } },
    { name: 'tinypkg', version: '2.0', modules: { 'tinypkg.py': "VERSION = '2.0'\n" } },
  ]
}
