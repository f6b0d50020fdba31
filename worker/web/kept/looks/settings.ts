/** The form of the settings. */
import { html } from 'hono/html'
import { sizeWords } from '../../../text/byte-words.ts'
import type { Ignored, Property, Value, Values } from '../settings-pages.ts'
import { appPage } from '../../pages/app-page.ts'
import type { Html } from '../../pages/page.ts'
import { settingWords } from './setting-words.ts'

/** `ignored`: settings that were sent and not taken; undefined when nothing was sent. */
export function settingsPage(properties: Record<string, Property>, values: Values, ignored?: Ignored): Html {
  const reasons = new Map(ignored?.map(({ key, reason }) => [key, reason.replace(`${key} was not changed: `, '')]))
  return appPage(
    'Settings',
    html`<h1>Settings</h1>
      ${
        ignored === undefined
          ? ''
          : ignored.length === 0
            ? html`<p role="status">Saved.</p>`
            : html`<div class="problem" role="alert">
                <p>Saved, but for:</p>
                <ul>
                  ${[...reasons].map(
                    ([key, reason]) =>
                      html`<li>
                        <a href="#${key}"><code>${key}</code></a
                        >: ${reason}
                      </li>`,
                  )}
                </ul>
              </div>`
      }
      <form method="post" action="/app/settings">
        ${Object.entries(properties).map(([key, property]) => {
          const value = values[key] ?? property.default
          return html`<div class="setting">
            <div>
              <label for="${key}">${nameOf(key)} <code>${key}</code></label>
              <p id="${key}-words">${withCode(settingWords(key, property.description))}</p>
            </div>
            <div>
              ${field(key, property, value, reasons.has(key))}
              ${reasons.has(key) ? html`<p class="problem" id="${key}-problem">${reasons.get(key)}</p>` : ''}
              <p class="facts">${bounds(property)}default: ${words(property.default, property.unit)}</p>
            </div>
          </div>`
        })}
        <p><button class="primary">Save</button></p>
      </form>`,
  )
}

/** `default_timeout` as `Default timeout`. */
function nameOf(key: string): string {
  return `${key[0]!.toUpperCase()}${key.slice(1).replaceAll('_', ' ')}`
}

/** Text whose parts between backticks are code. */
function withCode(text: string): Html {
  return html`${text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`
}

function field(key: string, { type, enum: choices, minimum, maximum }: Property, value: Value, isWrong = false): Html {
  const about = html`id="${key}" name="${key}" aria-describedby="${key}-words${isWrong ? ` ${key}-problem` : ''}"
  ${isWrong ? html`aria-invalid="true"` : ''}`
  if (choices !== undefined)
    return html`<select ${about}>
      ${choices.map((choice) => html`<option ${choice === value ? 'selected' : ''}>${choice}</option>`)}
    </select>`
  if (type === 'boolean')
    return html`<input type="checkbox" ${about} value="true" ${value === true ? 'checked' : ''} />`
  if (type === 'integer')
    return html`<input type="number" ${about} value="${String(value)}" min="${minimum ?? ''}" max="${maximum ?? ''}" />`
  if (type === 'array')
    return html`<textarea ${about} rows="3">${Array.isArray(value) ? value.join('\n') : String(value)}</textarea>`
  return html`<input type="text" ${about} value="${String(value)}" />`
}

function bounds({ type, minimum, maximum, unit }: Property): string {
  if (type === 'array') return 'one name a line; '
  if (minimum === undefined || maximum === undefined) return ''
  if (unit === 'bytes') return `bytes, ${sizeOf(minimum)} to ${sizeOf(maximum)}; `
  return `${minimum} to ${maximum}${unit === undefined ? '' : ` ${unit}`}; `
}

function sizeOf(bytes: number): string {
  return bytes < 1024 ** 2 ? `${bytes / 1024} KiB` : sizeWords(bytes)
}

function words(value: Value, unit?: string): string {
  if (unit === 'bytes') return sizeOf(Number(value))
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ')
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value)
}
