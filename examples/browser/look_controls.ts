/** The sliders of the panel Look: options of the sampler, by which the model may differ from how it was trained. */
import type { ExplainOptions } from '../../src/index.ts'
import { element } from './dom.ts'
import type { State } from './panel.ts'

/** The part of a model that sliders need to know. */
interface Model {
  /** These fields of its TasnConfig. */
  readonly config: {
    readonly imageSize: readonly number[]
    readonly classifierSize: readonly number[]
    readonly maps: { readonly gamma: number; readonly sampler: { readonly dense: number } }
  }
  /** Attention maps of an image. */
  readonly channels: number
}

interface Slider {
  /** In the address, and in ExplainOptions, unless it is "size". */
  readonly name: string
  readonly label: string
  readonly hint: string
  readonly digits: number
  range(model: Model): readonly [min: number, max: number, step: number]
  trained(config: Model['config']): number
}

const SLIDERS: readonly Slider[] = [
  {
    name: 'gamma',
    label: 'γ, exponent of the mean map',
    hint: 'Larger values keep to the brightest places.',
    digits: 2,
    range: () => [0.25, 5, 0.05],
    trained: ({ maps }) => maps.gamma,
  },
  {
    name: 'dense',
    label: 'Cap on the magnification',
    hint: 'Lower values spread the pixels more evenly. The published rounds may pass it by up to 1.',
    digits: 1,
    range: () => [1, 8, 0.1],
    trained: ({ maps }) => maps.sampler.dense,
  },
  {
    name: 'size',
    label: 'Size of the samples, in pixels',
    hint: 'The same classifier sees more pixels, or fewer.',
    digits: 0,
    range: ({ config: { imageSize } }) => [8, Math.max(16, Math.min(...imageSize) >> 1), 4],
    trained: ({ classifierSize }) => Math.min(...classifierSize),
  },
  {
    name: 'channel',
    label: 'Channel of the detail sample',
    hint: 'Or click a map below.',
    digits: 0,
    range: ({ channels }) => [0, channels - 1, 1],
    trained: () => Number.NaN,
  },
]

/** The sliders with the values that they have now. */
export interface Controls {
  readonly root: HTMLElement
  /** The values that somebody chose; the rest is as the model was trained, even where no slider can stand. */
  options(): ExplainOptions
  /** The channel that is shown, and, if somebody chose it, in the address from now on. */
  setChannel(channel: number, chosen: boolean): void
  /**
   * Takes the ranges and values of a model.
   * @param ready the model is there; else the sliders only show them.
   */
  use(model: Model, ready?: boolean): void
}

/** @param onChange is called as a slider moves. */
export function makeControls(state: State, onChange: () => void): Controls {
  let model: Model | undefined
  const made = SLIDERS.map(slider => {
    const id = `look-${slider.name}`
    const input = element('input', { type: 'range', id, 'aria-describedby': `${id}-hint`, disabled: true })
    const value = element('output', { htmlFor: id as unknown as DOMTokenList })
    const show = (number = Number(input.value)): void => {
      value.textContent = number.toFixed(slider.digits)
    }
    input.oninput = () => {
      show()
      const trained = model && slider.trained(model.config)
      state.set({ [slider.name]: Number(input.value) === trained ? undefined : input.value })
      onChange()
    }
    const root = element(
      'div',
      { className: 'slider' },
      element('div', { className: 'row between' }, element('label', { for: id }, slider.label), value),
      input,
      element('p', { id: `${id}-hint`, className: 'hint' }, slider.hint),
    )
    return { slider, input, show, root }
  })
  const of = (name: string): (typeof made)[number] => made.find(({ slider }) => slider.name === name)!
  const given = (name: string): number => Number(state.get(name) ?? Number.NaN)
  const chosen = <T>(name: string, option: (value: number) => T): T | undefined =>
    Number.isFinite(given(name)) ? option(Number(of(name).input.value)) : undefined
  const reset = element('button', { type: 'button', disabled: true }, 'As trained') // until there is a model
  reset.onclick = () => {
    for (const { slider } of made) state.set({ [slider.name]: undefined })
    use(model!)
    onChange()
  }
  const use = (next: Model, ready = true): void => {
    model = next
    for (const { slider, input, show } of made) {
      const [min, max, step] = slider.range(next)
      const trained = slider.trained(next.config)
      const own = Number.isFinite(trained) ? trained : min
      const value = Number.isFinite(given(slider.name)) ? given(slider.name) : own
      Object.assign(input, { min: `${min}`, max: `${max}`, step: `${step}`, value: `${value}`, disabled: !ready })
      show(Number.isFinite(given(slider.name)) ? undefined : own) // it may lie beside the slider's steps
    }
    reset.disabled = !ready
  }
  return {
    root: element('div', { className: 'sliders' }, ...made.map(({ root }) => root), reset),
    use,
    setChannel(channel, chosen) {
      const { input, show } = of('channel')
      input.value = `${channel}`
      if (chosen) state.set({ channel: input.value })
      show()
    },
    options: () => ({
      ...chosen('gamma', gamma => ({ gamma })),
      ...chosen('dense', dense => ({ dense })),
      ...chosen('size', size => ({ classifierSize: [size, size] as const })),
      ...chosen('channel', channel => ({ channel })),
    }),
  }
}
