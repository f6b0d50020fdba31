import { call, type Scene } from './scene.ts'

/** Runs that go on, and what is known of those that have ended. */
export const FOLLOWING: Scene[] = [
  {
    name: 'background run',
    calls: [
      call('run_python', {
        code: 'import time\nprint("begun", flush=True)\ntime.sleep(3)\nprint("done")',
        description: 'Long sum',
        background: true,
      }),
      call('runs', { action: 'wait', wait_s: 1 }),
      call('runs', { action: 'wait', run_id: '<run 1>' }),
    ],
  },
  {
    name: 'cancelled run',
    calls: [
      call('run_python', { code: 'import time\nprint("begun", flush=True)\ntime.sleep(60)', background: true }),
      call('runs', { action: 'wait', run_id: '<run 1>', wait_s: 2 }),
      call('runs', { action: 'cancel', run_id: '<run 1>' }),
      call('runs', { action: 'cancel', run_id: '<run 1>' }),
    ],
  },
  {
    name: 'queued run',
    calls: [
      call('run_python', { code: 'import time\ntime.sleep(60)', background: true }),
      call('run_python', { code: 'import time\ntime.sleep(60)', background: true }),
      call('run_python', { code: 'print("at last")', background: true }),
      call('runs', { action: 'wait' }),
      call('runs', { action: 'cancel', run_id: '<run 1>' }),
      call('runs', { action: 'cancel', run_id: '<run 2>' }),
      call('runs', { action: 'wait', run_id: '<run 3>' }),
    ],
  },
  {
    name: 'answered before its end',
    calls: [
      call('configure', { action: 'set', key: 'answer_within', value: '5' }),
      call('run_python', {
        code: 'import time\nprint("begun", flush=True)\ntime.sleep(8)\nprint("done")',
        timeout: 60,
      }),
      call('runs', { action: 'wait', run_id: '<run 1>' }),
    ],
  },
  {
    name: 'list of runs',
    calls: [
      call('run_python', { code: 'print("a report")', description: 'Monthly report for ACME' }),
      call('run_python', { code: 'import json\n# reads\nrows = json.loads("[1]")\nprint(rows[3])' }),
      call('runs', { limit: 2 }),
      call('runs', { search: 'report acme', limit: 1 }),
      call('runs', { search: 'acme', status: 'lost' }),
      call('runs', { action: 'list', run_id: '<run 2>' }),
    ],
  },
  {
    name: 'output by pages',
    calls: [
      call('run_python', {
        code: 'import sys, time\nfor i in range(1, 7):\n    print("row", i)\n    if i == 3:\n        time.sleep(0.5)\n        print("odd row", file=sys.stderr)\n        time.sleep(0.5)',
      }),
      call('runs', { action: 'output', run_id: '<run 1>', from_line: 2, limit: 4 }),
      call('runs', { action: 'output', run_id: '<run 1>', from_line: -2 }),
      call('runs', { action: 'output', run_id: '<run 1>', from_line: 8 }),
    ],
  },
  {
    name: 'nothing to follow',
    calls: [call('runs', { action: 'wait' }), call('runs', { action: 'wait', run_id: 'r_0000000000000000' })],
  },
]
