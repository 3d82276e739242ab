/** The panel Train. */
import { element } from './dom.ts'
import type { Panel } from './panel.ts'

export const train: Panel = {
  id: 'train',
  title: 'Train',
  mount(root) {
    root.append(element('p', { className: 'quiet' }, 'This panel is still being made.'))
  },
}
