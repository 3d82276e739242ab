/**
 * One kernel with its workgroups laid out otherwise: in two rows instead of one, as launches of more than 65,535 are,
 * and in the two sizes of strips(). The bits must be the same. A large enough tensor would take minutes, so here an
 * axis takes few workgroups: a kernel that does not look at the second axis leaves most of its result unwritten.
 */
import * as assert from 'uvu/assert'
import { type Launch, launchRung } from '../../src/engine/launch.ts'
import { Random } from '../../src/engine/random.ts'
import { persistent, read, readU32, release } from '../../src/engine/transfer.ts'
import { declaredLadders, type Ladder, type Rung } from '../../src/gpu/kernel.ts'
import { rungsThatFit } from '../../src/gpu/ladder.ts'
import { gridOf, withMaxGroups } from '../../src/gpu/params.ts'
import { variant } from '../../src/gpu/variant.ts'

/** The finite check runs in a process of its own, under CHECK=1; the others have one workgroup, whatever the shapes. */
const ONE_GROUP = ['debug/finite', 'loss/cross_entropy_hard', 'loss/cross_entropy_soft', 'loss/weighted_sum']
const MOST = 65535

/** The ladders of this process that have given the same bits in two rows of workgroups, and in both sizes. */
export const proved = { rows: new Set<Ladder>(), sizes: new Set<Ladder>() }

/** One shader at two workgroup sizes, one for each kind of machine: the arithmetic is the same. */
export const hasTwoSizes = ({ rungs }: Ladder): boolean =>
  rungs.length === 2 && rungs[0].file === rungs[1]!.file && rungs[1]!.on === 'cpu'

/** What no test of this process has proved, as sentences: for the end of a run of all tests. */
export function unproved(): string[] {
  const ladders = declaredLadders().filter(l => !l.name.startsWith('test/'))
  const inRows = ladders.filter(l => !ONE_GROUP.includes(l.name) && !proved.rows.has(l))
  const inSizes = ladders.filter(l => hasTwoSizes(l) && !proved.sizes.has(l))
  const todo = 'give checkRungs() a case of several workgroups on each rung'
  return [
    ...inRows.map(
      l => `no test has laid the workgroups of ${l.name} out in two rows: ${todo}, or engine/spread a launch`,
    ),
    ...inSizes.map(l => `no test has compared the two workgroup sizes of ${l.name}: ${todo}`),
  ]
}

/** The size of a launch, to choose the largest. */
export const work = (l: Launch): number => Object.values(l.tensors).reduce((n, t) => n + t.size, 0)

/**
 * Compares the layouts of one launch on every rung that fits it. Returns the rungs that had one workgroup, which proves
 * nothing; where there is none, the ladder is proved.
 */
export async function compareGrids(l: Launch): Promise<string[]> {
  const { ladder } = l
  if (ONE_GROUP.includes(ladder.name)) return []
  const oneGroup: string[] = []
  for (const rung of rungsThatFit(ladder, l.params, { all: true })) {
    const name = `${ladder.name}, ${rung.name}`
    const gridWith = (groups: number) => withMaxGroups(groups, () => gridOf(rung, variant(rung, l.params), l.params))
    const [n, ...others] = gridWith(MOST)
    const groups = n === 2 ? 1 : Math.ceil(Math.sqrt(n))
    // A grid that has a meaning of its own on each axis cannot go on: such a rung is refused. The first takes all.
    if (!withMaxGroups(groups, () => rungsThatFit(ladder, l.params, { all: true })).includes(rung)) continue
    assert.equal(others, [1, 1], name)
    if (n < 2) {
      oneGroup.push(name)
      continue
    }
    assert.ok(gridWith(groups)[1] > 1, name)
    assert.equal(await results(l, rung, groups), await results(l, rung, MOST), `${name}: two rows of workgroups`)
  }
  if (oneGroup.length) return oneGroup
  proved.rows.add(ladder)
  const [first, second] = ladder.rungs
  if (second && hasTwoSizes(ladder)) {
    const message = `${ladder.name}: ${first.name} and ${second.name} differ`
    assert.equal(await results(l, second, MOST), await results(l, first, MOST), message)
    proved.sizes.add(ladder)
  }
  return []
}

/** All that a rung writes, into tensors that hold other numbers before. The same inputs for every call. */
async function results({ ladder, params, tensors }: Launch, rung: Rung, groups: number): Promise<number[][]> {
  const draw = new Random(5)
  const fresh = Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, size, dtype }]) => [
      name,
      persistent(
        shape,
        dtype === 'u32'
          ? Uint32Array.from({ length: size }, () => draw.int(3))
          : Float32Array.from({ length: size }, () => draw.uniform(0.1, 1)),
      ),
    ]),
  )
  try {
    withMaxGroups(groups, () => launchRung(ladder, rung, fresh, params))
    const written = variant(rung, params).info.bindings.filter(b => b.access === 'read_write')
    const all: number[][] = []
    for (const { name } of written) {
      const t = fresh[name]!
      all.push([...(await (t.dtype === 'u32' ? readU32(t) : read(t)))])
    }
    return all
  } finally {
    for (const t of Object.values(fresh)) release(t)
  }
}
