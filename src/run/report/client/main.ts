/** The script of a page: draws its charts and its matrix, and again when the colours or the axis change. */
import type { PageData } from '../page_data.ts'
import { type Axis, Charts } from './charts.ts'
import { startMatrix } from './matrix.ts'

const THEMES = { auto: 'as the system', light: 'light', dark: 'dark' } as const
type Theme = keyof typeof THEMES

const data = JSON.parse(document.getElementById('data')!.textContent!) as PageData
const charts = new Charts(data.charts)
const drawMatrix = data.confusion && startMatrix(data.confusion)

function redraw(): void {
  charts.draw()
  drawMatrix?.()
}

/** Light, dark, or as the system has it, kept for the next look where the browser allows it. */
function startThemes(button: HTMLButtonElement): void {
  const names = Object.keys(THEMES) as Theme[]
  let theme: Theme = 'auto'
  const show = (next: string | null | undefined) => {
    theme = names.find(name => name === next) ?? 'auto'
    document.documentElement.dataset.theme = theme
    button.textContent = `Colours: ${THEMES[theme]}`
  }
  try {
    show(document.documentElement.dataset.theme ?? localStorage.getItem('theme'))
  } catch {
    show('auto')
  }
  button.hidden = false
  button.addEventListener('click', () => {
    show(names[(names.indexOf(theme) + 1) % names.length])
    try {
      localStorage.setItem('theme', theme)
    } catch {
      // not kept
    }
    redraw()
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
}

function startAxis(choice: HTMLElement): void {
  const buttons = [...choice.querySelectorAll('button')]
  choice.hidden = false
  for (const button of buttons)
    button.addEventListener('click', () => {
      for (const b of buttons) b.setAttribute('aria-pressed', `${b === button}`)
      charts.axis = button.value as Axis
      charts.draw()
    })
}

startThemes(document.getElementById('theme') as HTMLButtonElement)
const choice = document.getElementById('axis')
if (choice) startAxis(choice)
redraw()
