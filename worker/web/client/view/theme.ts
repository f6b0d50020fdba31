/** The host's colours and fonts. */
import { objectOf } from './results.ts'

export function showTheme({ theme, styles }: Record<string, unknown>): void {
  const root = document.documentElement
  if (typeof theme === 'string') root.dataset['theme'] = theme
  root.dataset['theme'] ??= matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  for (const [name, value] of Object.entries(objectOf(objectOf(styles)['variables'])))
    if (name.startsWith('--') && typeof value === 'string') root.style.setProperty(name, value)
}
