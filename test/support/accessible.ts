/** Accessibility of a page, by axe-core: https://github.com/dequelabs/axe-core */
import { createRequire } from 'node:module'
import * as assert from 'uvu/assert'
import type { Page } from './chromium.ts'

const file = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
interface Found {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string
    readonly help: string
    readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[]
  }[]
  readonly passes: readonly unknown[]
}

/** Fails where axe finds a serious or a critical fault in what the page shows now, and names the elements. */
export async function accessible(page: Page): Promise<void> {
  await page.addScriptTag({ path: file })
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as Found
  assert.ok(found.passes.length > 5, 'axe looked at next to nothing')
  const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  assert.equal(
    serious.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} (${help}): ${target.join(' ')}: ${failureSummary}`),
    ),
    [],
  )
}
