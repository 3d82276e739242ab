/** The panel Bench. */
import { element } from './dom.ts'
import type { Panel } from './panel.ts'

export const bench: Panel = {
  id: 'bench',
  title: 'Bench',
  mount(root) {
    root.append(element('p', { className: 'quiet' }, 'This panel is still being made.'))
  },
}
