/** The reader's choices in the panel Bench, which the address keeps. */
import { KERNELS, type Kernels, type Wishes } from './bench_messages.ts'
import { element } from './dom.ts'
import type { State } from './panel.ts'

const STEPS = ['ResNet-18, 8 x 64x64', 'TASN tiny', 'TASN small']
/** A step of TASN small takes ten seconds on a CPU. */
const USUAL = STEPS.slice(0, 2)

const labelled = (text: string, control: HTMLElement): HTMLElement =>
  element('label', { className: 'row' }, text, control)
const tick = (text: string, checked: boolean, onchange: () => void): [HTMLElement, HTMLInputElement] => {
  const input = element('input', { type: 'checkbox', checked, onchange })
  return [element('label', { className: 'tick' }, input, text), input]
}

/** @param libraries files of other libraries below the site, by their names. */
export function makeControls(state: State, libraries: Readonly<Record<string, string>>) {
  const kernels = element(
    'select',
    { id: 'bench-kernels' },
    ...Object.entries(KERNELS).map(([value, { title }]) => element('option', { value }, title)),
  )
  const given = state.get('kernels')
  kernels.value = given && given in KERNELS ? given : 'products'
  const name = element('input', {
    type: 'text',
    id: 'bench-name',
    value: state.get('name') ?? '',
    placeholder: 'such as Radeon RX 7800 XT',
    maxLength: 80,
    size: 26,
  })
  const steps = state.get('steps')?.split(';') ?? USUAL
  const chosenSteps = (): string[] => STEPS.filter((_, i) => stepTicks[i]![1].checked)
  const save = (): void =>
    state.set({
      kernels: kernels.value,
      large: large.checked ? '1' : undefined,
      steps: chosenSteps().join(';'),
      name: name.value || undefined,
    })
  const [largeLabel, large] = tick(
    'shapes of full-sized networks, too, and more rounds',
    state.get('large') === '1',
    save,
  )
  const stepTicks = STEPS.map(step => tick(step, steps.includes(step), save))
  const peerTicks = Object.keys(libraries).map(library => tick(library, false, () => {}))
  kernels.onchange = save
  name.onchange = save
  const others = peerTicks.length
    ? element('div', { className: 'row' }, 'The same work in', ...peerTicks.map(([label]) => label))
    : element(
        'p',
        { className: 'quiet' },
        'Other libraries can be measured beside this one. To have them here, run ',
        element('code', {}, 'npm run bench:peers -- --install'),
        ' and then ',
        element('code', {}, 'npm run demo'),
        ' anew.',
      )
  return {
    root: element(
      'div',
      { className: 'stack' },
      element('div', { className: 'row' }, labelled('Rungs of', kernels), largeLabel),
      element('div', { className: 'row' }, 'Training steps of', ...stepTicks.map(([label]) => label)),
      others,
      labelled('Your GPU, which browsers hide', name),
    ),
    wishes: (): Wishes => ({
      kernels: kernels.value as Kernels,
      quick: !large.checked,
      steps: chosenSteps(),
      peers: Object.fromEntries(Object.entries(libraries).filter((_, i) => peerTicks[i]![1].checked)),
      name: name.value.trim(),
    }),
  }
}
