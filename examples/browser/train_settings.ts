/** The settings of a training in the page, which the address keeps. */
import { element } from './dom.ts'
import type { State } from './panel.ts'
import type { Asked } from './run_config.ts'

/** Numbers of training birds that are offered, and what is to be said of each. */
const BIRDS = {
  512: '512: quick, to watch the attention',
  1024: '1,024: a third of the time, some 59 % right',
  3072: '3,072: all, as in npm run train; some 95 % right',
} as const
const USUAL = { birds: 1024, epochs: 22, seed: 0, every: 10 } as const

const number = (label: string, value: number, least: number): [HTMLLabelElement, HTMLInputElement] => {
  const max = `${Number.MAX_SAFE_INTEGER}`
  const input = element('input', {
    type: 'number',
    required: true,
    min: `${least}`,
    max,
    step: '1',
    value: `${value}`,
  })
  return [element('label', {}, label, input), input]
}

export interface Settings {
  readonly root: HTMLElement
  /** With these a training begins. */
  asked(): Asked
  /** Steps from one look at the watched birds to the next. */
  every(): number
  /** True where all are whole numbers that can be; else the browser says at an input what it wants. */
  valid(): boolean
  /** Once a training has begun, what it began with cannot be changed. */
  fix(fixed: boolean): void
}

export function makeSettings(state: State): Settings {
  const given = (name: keyof typeof USUAL): number => {
    const n = Number(state.get(name))
    return Number.isSafeInteger(n) && n >= 0 && state.get(name) !== undefined ? n : USUAL[name]
  }
  const birds = element('select')
  const offered = new Map<number, string>(Object.entries(BIRDS).map(([n, text]) => [Number(n), text]))
  const asked = Math.min(3072, Math.max(1, given('birds')))
  if (!offered.has(asked)) offered.set(asked, `${asked}`)
  for (const [n, text] of [...offered].sort(([a], [b]) => a - b))
    birds.append(element('option', { value: `${n}`, selected: n === asked }, text))
  const [epochsLabel, epochs] = number('Epochs', Math.max(2, given('epochs')), 2)
  const [seedLabel, seed] = number('Seed', given('seed'), 0)
  const [everyLabel, every] = number('Look every … steps', Math.max(1, given('every')), 1)
  for (const [name, input] of Object.entries({ birds, epochs, seed, every }))
    input.addEventListener('change', () => {
      state.set({ [name]: Number(input.value) === USUAL[name as keyof typeof USUAL] ? undefined : input.value })
    })
  return {
    root: element(
      'div',
      { className: 'row settings' },
      element('label', {}, 'Birds to train on', birds),
      epochsLabel,
      seedLabel,
      everyLabel,
    ),
    asked: () => ({ birds: Number(birds.value), epochs: Number(epochs.value), seed: Number(seed.value) }),
    every: () => Math.max(1, Number(every.value) || 1),
    valid: () => [epochs, seed, every].every(input => input.reportValidity()),
    fix(fixed) {
      for (const input of [birds, epochs, seed]) input.disabled = fixed
    },
  }
}
