// In JavaScript with a declaration of its own: the library's types bring the browser's with them, which are not the Worker's.
import hljs from 'highlight.js/lib/core'
import python from 'highlight.js/lib/languages/python'

hljs.registerLanguage('python', python)

export function colouredPython(code) {
  return hljs.highlight(code, { language: 'python' }).value
}
