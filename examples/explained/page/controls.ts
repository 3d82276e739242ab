/** Controls of figures: real inputs with labels. Each keeps its own value and tells when it has changed. */
import { alarm, element } from '../../browser/dom.ts'
import { messageOf } from '../../browser/messages.ts'

/** An input with its label, and the value that it has now. */
export interface Control<T> {
  readonly root: HTMLElement
  readonly value: T
  /** Sets the value, and does not tell. */
  set(value: T): void
}

/** A slider, whose largest value may change. */
export interface Slider extends Control<number> {
  /** Sets the largest value, and brings a larger one down to it; does not tell. */
  limit(max: number): void
}

let made = 0

export interface SliderOptions {
  readonly label: string
  readonly min: number
  readonly max: number
  readonly step: number
  readonly value: number
  /** The value in words, beside the label; the number itself if not given. */
  readonly words?: (value: number) => string
  readonly hint?: string
}

/** A slider, whose value stands beside its label. */
export function slider({ label, value, words = String, hint, ...range }: SliderOptions, onChange: () => void): Slider {
  const id = `control-${++made}`
  const input = element('input', { type: 'range', id, ...range, ...(hint && { 'aria-describedby': `${id}-hint` }) })
  const output = element('output', { htmlFor: id as unknown as DOMTokenList })
  const show = (): void => {
    output.textContent = words(Number(input.value))
    input.setAttribute('aria-valuetext', words(Number(input.value)))
  }
  const set = (next: number): void => {
    input.value = `${next}`
    show()
  }
  input.oninput = () => {
    show()
    onChange()
  }
  set(value)
  return {
    root: element(
      'div',
      { className: 'slider' },
      element('div', { className: 'row between' }, element('label', { for: id }, label), output),
      input,
      ...(hint ? [element('p', { id: `${id}-hint`, className: 'hint' }, hint)] : []),
    ),
    get value() {
      return Number(input.value)
    },
    set,
    limit(max) {
      input.max = `${max}` // brings the value down, too
      show()
    },
  }
}

/** A choice of one among a few, as a select. `options` are values and their words. */
export function choice<T extends string>(
  label: string,
  options: Readonly<Record<T, string>>,
  value: T,
  onChange: () => void,
): Control<T> {
  const id = `control-${++made}`
  const items = Object.entries<string>(options).map(([key, words]) => element('option', { value: key }, words))
  const input = element('select', { id }, ...items)
  input.value = value
  input.onchange = onChange
  return {
    root: element('div', { className: 'choice' }, element('label', { for: id }, label), input),
    get value() {
      return input.value as T
    },
    set(next) {
      input.value = next
    },
  }
}

/** A tick that is on or off. */
export function tick(label: string, value: boolean, onChange: () => void): Control<boolean> {
  const input = element('input', { type: 'checkbox', checked: value, onchange: onChange })
  return {
    root: element('label', { className: 'tick' }, input, label),
    get value() {
      return input.checked
    },
    set(next) {
      input.checked = next
    },
  }
}

/**
 * A function that computes and draws, made fit for sliders: one run at a time, and while it runs any number of calls
 * become one more run after it. An error is shown in `root` as a sentence, and taken away by the next run that
 * succeeds.
 *
 * @returns it; the promise ends when the figure shows what the controls say.
 */
export function redrawn(root: HTMLElement, run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let again = false
  let shown: HTMLElement | undefined
  const loop = async (): Promise<void> => {
    do {
      again = false
      try {
        await run()
        shown?.remove()
        shown = undefined
      } catch (error) {
        shown?.remove()
        shown = alarm(messageOf(error))
        root.prepend(shown)
      }
    } while (again)
    running = undefined
  }
  return () => {
    again = true
    running ??= loop()
    return running
  }
}
