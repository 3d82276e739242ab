/** HTML out of templates: what is put in is escaped, unless it is HTML by this very function. */

/** Text that is HTML already. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Value = string | number | Html | undefined | false | readonly Value[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text for the content of an element, and for an attribute in quotation marks. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, c => ENTITIES[c]!)

/** `html`<p>${name}</p>``: lists are joined, and nothing comes of undefined and false. */
export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Html =>
  new Html(parts.map((part, i) => part + (i < values.length ? shown(values[i]) : '')).join(''))

function shown(value: Value): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Html) return value.text
  return typeof value === 'object' ? value.map(shown).join('') : escaped(`${value}`)
}

/** JSON for a script element: no text in it can end that element. */
export const scriptJson = (value: unknown): Html => new Html(JSON.stringify(value).replaceAll('<', '\\u003c'))
