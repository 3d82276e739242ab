/**
 * The sampler on one image: map, marginals, densities round by round, integral, inverse, grid, sample.
 *
 *     npx tsx examples/08-sampler.ts
 */
import { close, densities, invert, marginals, open, persistent, readAll, sampleGrid } from '../src/index.ts'
import { bars, brightness, fine, grey, numbers, percent, ruler, shades, sideBySide } from './characters.ts'
import { oneBird } from './one_bird.ts'
await open()
const { seen, onBird } = await oneBird()
const A = seen.structure.map.data as Float32Array
const [L, OUT, SOURCE] = [16, 32, 192] // cells of the map, pixels of the sample, pixels of the image, on each axis
const { rows, columns } = marginals(persistent([1, L, L], A))
const { dy, dx } = densities(rows, columns, [OUT, OUT])
const grid = { rows: invert(dy, OUT, SOURCE), columns: invert(dx, OUT, SOURCE) }
const image = new Float32Array(SOURCE ** 2).map((_, i) => brightness(seen.image, i))
const sample = sampleGrid(persistent([1, 1, SOURCE, SOURCE], image), grid)
const [m, d, x, y, read] = (await readAll([columns, dx, grid.columns, grid.rows, sample])) as Float32Array[]
const sums = m!.map((_, j) => A.reduce((sum, v, i) => (i % L === j ? sum + v : sum), 0))
console.log(`1. The map.  2. Its marginals: how much each column (and row) holds. The paper takes the largest value, by
   which a small spot counts in full, however empty its column is. A sum would dilute it.\n
${sideBySide({ 'the image': grey(seen.shrunk), 'the map': shades(A, L) })}
  ${''.padEnd(OUT)}   ${bars(m!)}  by the largest value
  ${''.padEnd(OUT)}   ${bars(sums)}  by the sum

3. Densities: marginals in units of the uniform density. Rounds limit them: each clips both axes to the lower one of
   their peaks, in the first round to 4 at most, and gives back what it cut off to all cells alike. The peak on x:\n
  after rounds                0       1       2       3       4       5`)
const bell = (sigma: number) => new Float32Array(512).map((_, k) => Math.exp(-(((k - 255) / sigma) ** 2) / 2))
const [wide, narrow, one, flat] = [60, 20, 0.1, 1e9].map(sigma => persistent([1, 512], bell(sigma)))
const spots = { 'wide spot': [wide, wide], 'narrow spot': [narrow, narrow], 'one pixel of 512': [one, one] }
const cases = { 'this bird': [columns, rows], ...spots, 'narrow, flat on y': [narrow, flat] }
for (const [name, [mx, my]] of Object.entries(cases)) {
  const after = (iterations: number) => densities(my!, mx!, [OUT, OUT], { dense: 4, iterations }).dx
  const peaks = (await readAll([0, 1, 2, 3, 4, 5].map(after))).map(v => (Math.max(...v) * v.length) / OUT)
  console.log(`  ${name.padEnd(21)}${numbers(2, peaks)}`)
}
const [cells, outputs] = [2, 4].map(step => [1, 2, 3, 4, 5, 6, 7, 8].map(i => step * i)) as [number[], number[]]
const F = cells.map(k => d!.subarray(0, k).reduce((a, b) => a + b) / OUT)
const [columnsAt, reads] = [cells.map(k => (k * SOURCE) / L), outputs.map(o => x![o - 1]!)]
console.log(`
4. The integral F of the density, from 0 to 1.  5. Its inverse: pixel o, from 1, reads where F = (o - 1/2) / ${OUT}.
   Where F rises fast, positions lie close together. That is the magnification.

  at column     ${numbers(0, columnsAt)}
  F             ${numbers(3, F)}

  pixel o       ${numbers(0, outputs)}
  reads column  ${numbers(1, reads)}

  shrunk evenly ${'.|.'.repeat(OUT)}
  sampled       ${ruler(SOURCE, x!)}

6. The grid: these columns, and rows in the same way.  7. The image, read there, at ${OUT} x ${OUT} pixels:\n`)
console.log(sideBySide({ 'shrunk evenly': grey(seen.shrunk), sampled: fine(read!, OUT) }))
const even = new Float32Array(OUT ** 2).fill(1)
const sampled = onBird(even, { rows: y!, columns: x! })
console.log(`  on the bird ${percent(onBird(even))}              on the bird ${percent(sampled)}`)
await close()
