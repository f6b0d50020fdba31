/**
 * Our words about packages and failures, for a person on a page. They are kept as models get them, whose next step is a tool; here the next
 * step is a page. What is not ours of a text, such as an error's message, is not given to this.
 */
const PHRASES: [RegExp, string][] = [
  [
    /\bcall pip_install with ("[^"]*"), or pass auto_install: true/g,
    'install $1 on the page Packages, or switch auto_install on under Settings',
  ],
  [/\b1 of pip_install\b/g, '1 installation'],
  [/ of pip_install\b/g, ' installations'],
  [/ by its package's name with pip_install\b/g, " by its package's name on the page Packages"],
  [/\bwith pip_install\b/g, 'on the page Packages'],
  [/\bafter pip_install (?=")/g, 'after installing '],
  [/, and pip_install takes versions\b/g, ', and the page Packages takes versions'],
  [/\bpip_install\b/g, 'install'],
  [
    /\bmore than one call takes (\(\d+\))\. Next: call several times\b/g,
    'more than one installation takes $1. Next: install them in several steps',
  ],
  [/\bsend one from \/packages\/lock\b/g, 'choose one that was downloaded from this page'],
  [/\bpass (it|the file|data) in "files"/g, 'upload $1 on the page Files'],
  [/\bcall configure with the action "reset" and the key ("\w+")/g, 'set $1 to its default under Settings'],
  [/ with configure \(action "reset", key "workspace", value "yes"\)/g, ' on the page Files'],
  [/ with configure\b/g, ' under Settings'],
  [/ask the user to (?=allow|change|set)/g, ''],
  [/let the user confirm it and set /g, 'set '],
  [/\bchange that setting\b/g, 'change it under Settings'],
  [/\bthe user's (?=list|network)/g, 'your '],
  [/\(the tool runs\)/g, '(on the page Runs)'],
  [/\bcall again\b/g, 'try again'],
  [/\blist (?:them|the files) with GET \/files\b/g, 'see the page Files'],
  [/\blist them with GET \/runs\b/g, 'see the page Runs'],
  [/\blist them with GET \/learnings\b/g, 'see the page Learnings'],
  [/\bthe MCP endpoint is \/mcp\b/g, 'see the page Runs, or the page Files'],
  [
    /^The query is not valid: "from" is after "to"\. Next: give the earlier day as "from"/g,
    '"From" is after "to". Next: choose the earlier day in "From"',
  ],
]

export function forPerson(words: string): string {
  return PHRASES.reduce((said, [phrase, instead]) => said.replaceAll(phrase, instead), words)
}
