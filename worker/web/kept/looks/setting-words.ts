/** What each setting does, and when a person would change it. Models read shorter words, those of the schema. */

const WORDS: Partial<Record<string, string>> = {
  execution_mode: 'Where programs run. `auto` takes what this server has, so there is rarely a reason to change it.',
  default_timeout:
    'How long a program may run when the model does not say. Raise it when long programs are stopped too early.',
  answer_within:
    'When a program runs for longer, the model gets its output so far, and the program goes on. Lower it when your client gives up before the answer comes. A client that is known to wait gets the answer at the end, unless you set this.',
  max_retries: 'How often `run_with_retry` may run a failed program again. Set it to 0 when nothing may run twice.',
  auto_install:
    'Installs a package that a program imports and that is missing. Switch it off when programs shall use only what is installed.',
  allowed_packages:
    'Only these packages may be asked for; while there is none here, all may. With `*` among them all may, and the named ones are trusted.',
  blocked_packages:
    'These packages may not be asked for, whatever else allows them. What other packages bring with them is not looked at.',
  network:
    'What programs may reach: everything public (`open`), only the package index (`packages`), or nothing (`off`). Restrict it when their data must not leave. To or from `open` the sandbox starts anew.',
  allowed_hosts:
    'Hosts that programs may reach over HTTP(S) although `network` does not let them. `*.example.com` stands for every host below it.',
  max_output_bytes:
    'How much a program may print. What comes beyond it is counted and dropped. Raise it when you miss the end of long output.',
  time_zone: 'The time zone of programs. Set yours when they should tell your local time.',
  max_parallel_runs:
    'How many programs and installations run at once; the next ones wait. Raise it when several clients wait for each other.',
}

/** `description`: the schema's own words, of a setting that is not known here. */
export function settingWords(key: string, description: string): string {
  return (Object.hasOwn(WORDS, key) ? WORDS[key] : undefined) ?? description
}
