/** Paths of the project's own folders, from where the user stands. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { projectPath } from '../../src/run/project_path.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const before = process.cwd()
const t = suite('run/project_path')
t.after.each(() => process.chdir(before))

t('short from inside the project, whole from elsewhere', () => {
  for (const [from, path] of [
    [root, join('runs', 'x')],
    [join(root, 'src', 'run'), join('..', '..', 'runs', 'x')],
    [join(root, '..'), join(root, 'runs', 'x')],
    [tmpdir(), join(root, 'runs', 'x')],
  ] as const) {
    process.chdir(from)
    assert.is(projectPath('runs', 'x'), path)
  }
})

t.run()
