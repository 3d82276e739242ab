/** The table of PROFILE=1 on clocks that are of little use. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { profileTable, type Row } from '../../src/gpu/profile.ts'

const t = suite('gpu/profile')
const rows = (ns: readonly number[], untimed = 0): Map<string, Row> =>
  new Map(ns.map((ns, i) => [`kernel ${i}`, { calls: 3, untimed, ns, flop: 6e6, bytes: 2e6 }]))

t('times, shares and rates, slowest first', () => {
  const [head, first, second, all, ...rest] = profileTable(rows([1e6, 3e6])).split('\n')
  assert.match(head!, /^kernel +calls +ms +share +GFLOP\/s +GB\/s$/)
  assert.match(first!, /^kernel 1 +3 +3\.00 +75\.0 % +2\.0 +0\.67$/)
  assert.match(second!, /^kernel 0 +3 +1\.00 +25\.0 % +6\.0 +2\.00$/)
  assert.match(all!, /^all +4\.00$/)
  assert.equal(rest, [])
})

t('a kernel that a rounded clock gives no time has no rate', () => {
  const [, first, second] = profileTable(rows([3e6, 0])).split('\n')
  assert.match(first!, /100\.0 % +2\.0 +0\.67$/)
  assert.match(second!, /^kernel 1 +3 +0\.00 +0\.0 % *$/)
})

t('timestamps that stand still or make no sense are told', () => {
  const still = profileTable(rows([0, 0]))
  assert.not.match(still, /NaN|Infinity/)
  assert.match(still, /\nthe GPU's timestamps stand still, so there are no times$/)
  assert.match(profileTable(rows([1e6, 2e6], 1)), /\n2 call\(s\) are not in the times: .* make no sense there$/)
  assert.not.match(profileTable(rows([0], 3)), /stand still/)
})

t.run()
