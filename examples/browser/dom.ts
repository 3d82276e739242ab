/** Elements of the page, made in one call each. */

type Child = Node | string

/**
 * An element with properties and children: `element('button', { type: 'button', onclick }, 'Start')`. A property whose
 * name has a dash (`aria-label`, `data-view`) becomes an attribute.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Readonly<Record<string, unknown>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue
    if (key.includes('-') || key === 'role' || key === 'for') made.setAttribute(key, `${value}`)
    else Object.assign(made, { [key]: value })
  }
  made.append(...children)
  return made
}

/** A sentence for the reader, as an alert. */
export const alarm = (message: string): HTMLElement => element('p', { className: 'alarm', role: 'alert' }, message)

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : `${error}`)
