/** The panel Check. */
import { element } from './dom.ts'
import type { Panel } from './panel.ts'

export const check: Panel = {
  id: 'check',
  title: 'Check',
  mount(root) {
    root.append(element('p', { className: 'quiet' }, 'This panel is still being made.'))
  },
}
