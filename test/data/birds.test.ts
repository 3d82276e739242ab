/** The drawn birds: the same pictures everywhere, a code in which no mark decides, boxes, and a folder to read. */
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { builtInBirds } from '../../src/data/birds/built_in.ts'
import { drawBird } from '../../src/data/birds/draw.ts'
import { layer } from '../../src/data/birds/layer.ts'
import { ellipse } from '../../src/data/birds/outlines.ts'
import { fillPolygon } from '../../src/data/birds/polygon.ts'
import { codes, marks, species } from '../../src/data/birds/species.ts'
import { sin } from '../../src/data/birds/trigonometry.ts'
import { matches, writeBirds } from '../../src/data/birds/write.ts'
import { loadCub } from '../../src/data/cub.ts'
import { decode } from '../../src/data/decode.ts'

const birds = suite('data/birds')
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

birds('are the same from the same seed and index, and differ from any other', () => {
  const one = drawBird(7, 3)
  drawBird(7, 4, { size: 128 })
  assert.is(hash(drawBird(7, 3).rgb), hash(one.rgb))
  assert.is.not(hash(drawBird(7, 19).rgb), hash(one.rgb))
  assert.is.not(hash(drawBird(8, 3).rgb), hash(one.rgb))
})

birds('are the same bytes on every platform and version', () => {
  assert.is(hash(drawBird(1, 0, { size: 128 }).rgb), '3bbb3a39c8234690')
  assert.is(hash(drawBird(1, 5).rgb), 'de8c8c86d389c142')
})

birds('have code words in which no mark decides', () => {
  for (const [classes, least] of [
    [8, 4],
    [16, 3],
  ] as const) {
    const words = codes(classes)
    for (const { name } of marks) assert.is(words.filter(word => word[name]).length, classes / 2, name)
    for (const [i, a] of words.entries()) {
      for (const b of words.slice(i + 1)) {
        const apart = marks.filter(({ name }) => a[name] !== b[name])
        assert.ok(apart.length >= least)
        // Species that look alike from afar differ in every fine mark.
        if (apart.every(mark => mark.fine)) assert.is(apart.length, 4)
      }
    }
    assert.is(new Set(species(classes).map(one => one.folder.slice(4))).size, classes)
  }
})

birds('stand inside their boxes, and the boxes inside the picture', () => {
  for (let index = 0; index < 32; index++) {
    const {
      box: [x, y, w, h],
      parts,
      label,
    } = drawBird(3, index, { size: 128 })
    assert.is(label, index % 16)
    assert.is(parts.length, 7)
    assert.ok(x >= 0 && y >= 0 && x + w <= 128 && y + h <= 128)
    assert.ok(w > 30 && h > 20 && w < 110, `${w} x ${h}`)
    for (const part of parts) {
      if (part.visible) assert.ok(part.x >= x && part.x <= x + w && part.y >= y && part.y <= y + h, part.name)
    }
  }
})

birds('are painted with the exact area of each pixel', () => {
  const square = layer(8)
  const disc = layer(32)
  fillPolygon(
    square,
    [
      [1.25, 1.5],
      [3.5, 1.5],
      [3.5, 3],
      [1.25, 3],
    ],
    [1, 1, 1],
  )
  assert.ok(Math.abs(square.alpha[1 * 8 + 1]! - 0.375) < 1e-6)
  assert.ok(Math.abs(square.alpha.reduce((a, b) => a + b) - 2.25 * 1.5) < 1e-5)
  fillPolygon(disc, ellipse(31, 15, 9, 9, 0, 200), [1, 0, 0]) // reaches over the right edge
  const half = disc.alpha.reduce((a, b) => a + b)
  assert.ok(half > (Math.PI * 81) / 2 && half < (Math.PI * 81) / 2 + 18)
  for (let x = -20; x < 20; x += 0.1) assert.ok(Math.abs(sin(x) - Math.sin(x)) < 1e-6)
})

birds('are written as a data set in the layout of CUB, whole or not at all', async () => {
  const root = await mkdtemp(join(tmpdir(), 'birds-'))
  const dir = join(root, 'set')
  try {
    const options = { seed: 5, classes: 8, train: 32, test: 16, size: 64, small: 16 } as const
    const heard: number[] = []
    await writeBirds(dir, {
      ...options,
      onProgress: done => {
        heard.push(done)
      },
    })
    assert.is(heard.at(-1), 48)
    assert.equal(await readdir(root), ['set'])
    assert.ok(await matches(dir, options))
    assert.not(await matches(dir, { ...options, seed: 6 }))
    const data = await loadCub(dir)
    assert.equal(data.warnings, [])
    assert.is(data.classes.length, 8)
    for (let label = 0; label < 8; label++) {
      assert.is(data.train.filter(sample => sample.label === label).length, 4)
      assert.is(data.test.filter(sample => sample.label === label).length, 2)
    }
    const sample = data.test[0]!
    const original = drawBird(5, 32, options)
    assert.is(hash((await decode(sample.file)).rgb), hash(original.rgb))
    assert.equal(sample.box, original.box)
    assert.is(sample.parts?.length, original.parts.filter(part => part.visible).length)
    assert.ok((await decode(join(dir, 'contact-sheet.png'))).width > 8 * 64)

    // Two that draw the same birds at once: the later one keeps those that are there, for somebody may read them.
    const { ino } = await stat(dir)
    await writeBirds(dir, options)
    assert.is((await stat(dir)).ino, ino)
    assert.equal(await readdir(root), ['set'])

    const before = await readFile(join(dir, 'images.txt'), 'utf8')
    await writeBirds(dir, {
      ...options,
      onProgress: () => {
        throw new Error('stop')
      },
    }).then(
      () => assert.unreachable(),
      (error: unknown) => assert.match(String(error), 'stop'),
    )
    assert.is(await readFile(join(dir, 'images.txt'), 'utf8'), before)
    assert.equal(await readdir(root), ['set'])
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})

birds('the built-in ones go where they can be written, and are found there', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'birds-'))
  const few = { seed: 2, classes: 8 as const, train: 8, test: 8, size: 64 }
  try {
    // Not a folder, so that nothing can be put below it, whoever we are: root may write into what is read-only.
    const closed = join(dir, 'closed')
    await writeFile(closed, '')
    const places = [join(closed, 'data', 'birds'), join(dir, 'cache', 'birds')]
    assert.is(await builtInBirds(undefined, places, few), places[1])
    assert.is(await builtInBirds(undefined, places, few), places[1])
    assert.ok(await matches(places[1]!, few))
    // the project's own folder comes first where it is there, although nobody can write it
    const own = join(dir, 'own', 'birds')
    await mkdir(join(dir, 'own'))
    await builtInBirds(undefined, [own], few)
    await chmod(join(dir, 'own'), 0o555)
    assert.is(await builtInBirds(undefined, [own, places[1]!], few), own)
    await chmod(join(dir, 'own'), 0o755)
    const nowhere = await builtInBirds(undefined, [join(closed, 'birds')], few).catch((error: Error) => error.message)
    assert.match(
      nowhere,
      /no folder for them can be written: .*closed.*Make one of them writable, .*XDG_CACHE_HOME.*--data DIR/,
    )
  } finally {
    await rm(dir, { recursive: true })
  }
})

birds.run()
