/** A call of each tool with all its arguments, none of them at its default. */
export const CALLS: Record<string, Record<string, unknown>> = {
  run_python: {
    code: 'print(1)',
    description: 'count',
    timeout: 7,
    auto_install: false,
    files: { 'a.txt': 'text' },
    stdin: 'in',
    show_last: true,
    background: true,
  },
  run_python_stream: { code: 'print(1)', description: 'count', timeout: 7 },
  run_with_retry: { code: 'print(1)', description: 'count', max_retries: 2, timeout: 7 },
  get_system_context: {},
  add_learning: { error_pattern: 'E: x', solution: 's', context: 'c', tags: 'a, b' },
  record_semantic_failure: {
    objective: 'o',
    failed_approach: 'f',
    successful_approach: 's',
    context: 'c',
    tags: 'a, b',
  },
  get_learnings: { search: 'words', kind: 'error', limit: 3 },
  pip_install: { package_name: 'pandas' },
  configure: { action: 'set', key: 'max_retries', value: '1' },
  runs: { action: 'wait', run_id: 'r_0123456789abcdef', wait_s: 2.5 },
}
