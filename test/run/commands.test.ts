/** Paths in the commands that messages name. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quoted } from '../../src/run/commands.ts'

const t = suite('run/commands')

t('a path is quoted where a shell needs it, in the marks of that shell', () => {
  for (const [system, path, expected] of [
    ['linux', 'runs/2026-11-25T23-29-51-tiny', 'runs/2026-11-25T23-29-51-tiny'],
    ['linux', 'my runs/a', "'my runs/a'"],
    ['darwin', "the bird's", "'the bird'\\''s'"],
    ['linux', 'a\\b', "'a\\b'"],
    ['win32', 'C:\\Users\\ada\\runs\\a', 'C:\\Users\\ada\\runs\\a'],
    ['win32', '..\\runs\\a', '..\\runs\\a'],
    ['win32', "C:\\Ada's runs\\a", '"C:\\Ada\'s runs\\a"'],
    ['win32', 'C:\\my runs\\', '"C:\\my runs\\\\"'],
    ['win32', 'a,b', '"a,b"'],
  ] as const)
    assert.is(quoted(path, system), expected)
})

t.run()
