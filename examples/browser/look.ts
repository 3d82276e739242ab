/** The panel Look. */
import { element } from './dom.ts'
import type { Panel } from './panel.ts'

export const look: Panel = {
  id: 'look',
  title: 'Look',
  mount(root) {
    root.append(element('p', { className: 'quiet' }, 'This panel is still being made.'))
  },
}
