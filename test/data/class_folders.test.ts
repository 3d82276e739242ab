/** One's own photographs in folders by class: which class a folder means, and all that can be wrong with it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readClassFolders } from '../../src/data/class_folders.ts'
import { DataError } from '../../src/data/problems.ts'

const dir = mkdtempSync(join(tmpdir(), 'tasn-folders-'))
const t = suite('data/class_folders')
t.after(() => {
  rmSync(dir, { recursive: true })
})

const CLASSES = ['001.Black_footed_Albatross', '002.Wren', '003.Ring-eyed Tit', '004.Wren', 'tern']

/** A folder with these files, which nobody opens here. A name that ends in a slash is a folder. */
function folder(name: string, ...files: string[]): string {
  for (const file of files) {
    const path = join(dir, name, file)
    mkdirSync(file.endsWith('/') ? path : dirname(path), { recursive: true })
    if (!file.endsWith('/')) writeFileSync(path, 'x')
  }
  return join(dir, name)
}
async function messageOf(path: string): Promise<string> {
  try {
    await readClassFolders(path, CLASSES)
  } catch (error) {
    assert.instance(error, DataError)
    return (error as Error).message
  }
  throw new Error('it was read')
}

t('folders are found by the names of the classes, however they are spelt', async () => {
  const root = folder(
    'sound',
    'black footed albatross/b.jpg',
    'black footed albatross/a.png',
    '004.Wren/.hidden',
    '004.Wren/c.jpg',
    '004.Wren/list.txt',
    'Ring_Eyed_TIT/d.jpg',
    '.DS_Store',
    'notes.txt',
  )
  const { dataset, faults } = await readClassFolders(root, CLASSES)
  const { test, train, classes, warnings } = dataset
  assert.equal([faults, warnings], [[], ['neither .jpg nor .png, so passed over: 004.Wren/list.txt']])
  assert.equal(
    test.map(s => [s.id, s.label, s.file.slice(root.length + 1)]),
    [
      [1, 3, '004.Wren/c.jpg'],
      [2, 2, 'Ring_Eyed_TIT/d.jpg'],
      [3, 0, 'black footed albatross/a.png'],
      [4, 0, 'black footed albatross/b.jpg'],
    ],
  )
  assert.equal(train, [])
  assert.equal(
    classes.map(c => c.name),
    CLASSES,
  )
})

t('all that is wrong is said at once, with what the model knows', async () => {
  const unknown = await messageOf(folder('unknown', 'tern/a.jpg', 'gull/a.jpg', 'crow/a.jpg'))
  assert.match(unknown, /unknown: the model has no class of the name "crow", "gull"; it knows 001\.Black_footed_Alb/)
  for (const name of CLASSES) assert.match(unknown, name)
  const empty = await messageOf(folder('empty', 'tern/.hidden', '002.Wren/', 'stray.JPG'))
  assert.match(empty, /empty: 3 problems\n/)
  assert.match(empty, '002.Wren/ has no .jpg or .png in it: put photographs there')
  assert.match(empty, 'tern/ has no .jpg or .png in it')
  assert.match(empty, '1 photograph beside the folders')
  assert.match(await messageOf(folder('two', 'wren/a.jpg')), /"wren" can be any of 2 classes.*\n {2}002\.Wren\n {2}004/)
  assert.match(await messageOf(folder('none', 'notes.txt')), 'none has no folder with photographs')
  const blank = folder('blank', 'tern/a.jpg', 'tern/b.jpg')
  writeFileSync(join(blank, 'tern/a.jpg'), '')
  const { faults } = await readClassFolders(blank, CLASSES)
  assert.equal(
    faults.map(f => f.reason),
    ['is empty (0 bytes); copy it again or remove it'],
  )
  assert.match(await messageOf(join(dir, 'nowhere')), /nowhere cannot be read as a folder \(ENOENT/)
  assert.match(await messageOf(join(dir, 'none', 'notes.txt')), /cannot be read as a folder \(ENOTDIR/)
})

t.run()
