/** The sliders of the panel Look: options of the sampler, by which the model may differ from how it was trained. */
import type { ExplainOptions, TasnConfig } from '../../src/index.ts'
import { element } from './dom.ts'
import type { State } from './panel.ts'

interface Slider {
  /** In the address. */
  readonly name: string
  readonly label: string
  readonly hint: string
  readonly digits: number
  range(config: TasnConfig): readonly [min: number, max: number, step: number]
  trained(config: TasnConfig): number
}

const SLIDERS: readonly Slider[] = [
  {
    name: 'gamma',
    label: 'γ, the exponent of the mean map',
    hint: 'Larger values keep to the brightest places.',
    digits: 2,
    range: () => [0.25, 5, 0.05],
    trained: ({ maps }) => maps.gamma,
  },
  {
    name: 'cap',
    label: 'Cap on the magnification',
    hint: 'At 1 nothing is magnified: the sample is a plain resize.',
    digits: 1,
    range: () => [1, 8, 0.1],
    trained: ({ maps }) => maps.sampler.dense ?? 4,
  },
  {
    name: 'size',
    label: 'Size of the samples, in pixels',
    hint: 'The same classifier sees more pixels, or fewer.',
    digits: 0,
    range: ({ imageSize }) => [8, Math.max(16, Math.min(...imageSize) >> 1), 4],
    trained: ({ classifierSize }) => Math.min(...classifierSize),
  },
  {
    name: 'channel',
    label: 'Channel of the detail sample',
    hint: 'Or click a map below.',
    digits: 0,
    range: ({ attention }) => [0, channelsOf(attention.backbone) - 1, 1],
    trained: () => Number.NaN,
  },
]

/** The channels of a backbone's last stage. */
const channelsOf = ({ block, widths }: TasnConfig['attention']['backbone']): number =>
  widths.at(-1)! * (block === 'bottleneck' ? 4 : 1)

/** The sliders with the values that they have now. */
export interface Controls {
  readonly root: HTMLElement
  options(): ExplainOptions
  /** The channel that is shown, and, if somebody chose it, in the address from now on. */
  setChannel(channel: number, chosen: boolean): void
  /** Takes the ranges and values of a model. */
  use(config: TasnConfig): void
}

/** @param onChange is called as a slider moves. */
export function makeControls(state: State, onChange: () => void): Controls {
  let config: TasnConfig | undefined
  const made = SLIDERS.map(slider => {
    const id = `look-${slider.name}`
    const input = element('input', { type: 'range', id, 'aria-describedby': `${id}-hint` })
    const value = element('output', { htmlFor: id as unknown as DOMTokenList })
    const show = (): void => {
      value.textContent = Number(input.value).toFixed(slider.digits)
    }
    input.oninput = () => {
      show()
      const trained = config && slider.trained(config)
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
  const number = (name: string): number => Number(of(name).input.value)
  const reset = element('button', { type: 'button' }, 'As trained')
  reset.onclick = () => {
    for (const { slider } of made) state.set({ [slider.name]: undefined })
    use(config!)
    onChange()
  }
  const use = (next: TasnConfig): void => {
    config = next
    for (const { slider, input, show } of made) {
      const [min, max, step] = slider.range(next)
      const trained = slider.trained(next)
      const given = Number(state.get(slider.name) ?? Number.NaN)
      const value = Number.isFinite(given) ? given : Number.isFinite(trained) ? trained : min
      Object.assign(input, { min: `${min}`, max: `${max}`, step: `${step}`, value: `${value}` })
      show()
    }
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
      gamma: number('gamma'),
      dense: number('cap'),
      classifierSize: [number('size'), number('size')],
      channel: number('channel'),
    }),
  }
}
