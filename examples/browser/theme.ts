/** Light and dark: as the system has it, until the reader chooses. `?theme=dark` in the address chooses, too. */
import { option } from './address.ts'
import { element } from './dom.ts'

const KEY = 'tasn-webgpu-theme'
const THEMES = ['light', 'dark'] as const
type Theme = (typeof THEMES)[number]
const isTheme = (text: string | null | undefined): text is Theme => THEMES.includes(text as Theme)

/** The storage may be closed to a page in a frame or in a private window: then a choice lasts as long as the page. */
function stored(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // see above
  }
}

/** Puts the switch into the page. Whoever draws with colours of the page hears of a change by the event `theme`. */
export function themeSwitch(place: HTMLElement): void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const given = option('theme') ?? stored()
  let chosen = isTheme(given) ? given : undefined
  const button = element('button', { type: 'button', className: 'theme' })
  const now = (): Theme => chosen ?? (system.matches ? 'dark' : 'light')
  const show = (): void => {
    document.documentElement.dataset.theme = now()
    const other = now() === 'dark' ? 'light' : 'dark'
    button.textContent = now() === 'dark' ? '☀' : '☾'
    button.setAttribute('aria-label', `Switch to ${other} colours`)
    button.title = `Switch to ${other} colours`
    dispatchEvent(new Event('theme'))
  }
  button.onclick = () => {
    chosen = now() === 'dark' ? 'light' : 'dark'
    store(chosen)
    show()
  }
  system.onchange = show
  show()
  place.replaceChildren(button)
}
