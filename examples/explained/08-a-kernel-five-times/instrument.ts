/**
 * A kernel's own shader, made to tell about itself: its invocations load and store where they always do, but what they
 * store is who they are, or how often they have loaded. So the figure draws what the shader does, and not what somebody
 * says of it.
 */

/** An invocation's number, or its loads so far: of x, of w, or from workgroup memory. */
export const QUESTIONS = ['who', 'x', 'w', 'shared'] as const
export type Question = (typeof QUESTIONS)[number]

/** The place behind the bracket that closes the one at `open`. */
function behind(code: string, open: number): number {
  let depth = 0
  for (let i = open; i < code.length; i++) {
    if ('[('.includes(code[i]!)) depth++
    if ('])'.includes(code[i]!) && --depth === 0) return i + 1
  }
  throw new Error('a bracket of the shader is not closed')
}

/** The code with each match of `opening`, which ends in a bracket, and all up to its closing one, given to `change`. */
function rewritten(code: string, opening: RegExp, change: (name: string, inside: string, rest: string) => string) {
  let done = ''
  let rest = code
  for (let m = opening.exec(rest); m; m = opening.exec(rest)) {
    const end = behind(rest, m.index + m[0].length - 1)
    const inside = rest.slice(m.index + m[0].length, end - 1)
    done += rest.slice(0, m.index) + change(m[1]!, inside, rest.slice(end))
    rest = rest.slice(end)
  }
  return done + rest
}

/** The argument before the first comma that is in no bracket. */
function firstArgument(text: string): string {
  let depth = 0
  for (const [i, c] of [...text].entries()) {
    if ('[('.includes(c)) depth++
    if ('])'.includes(c)) depth--
    if (c === ',' && depth === 0) return text.slice(0, i)
  }
  return text
}

/** Workgroups of a row of the grid, as invocations count them: more than any grid here has in x. */
export const ROW = 64

/**
 * @param code a rung of conv2d forward with all constants in place.
 * @returns the shader that answers in y. It needs no subgroups: what is handed round does not matter here.
 */
export function asked(code: string, question: Question): string {
  const alone = rewritten(
    code.replace('enable subgroups;', '').replace(/,\s*@builtin\(subgroup_invocation_id\) sub: u32/, ''),
    /\b(subgroupShuffle)\(/,
    (_, inside) => firstArgument(inside),
  )
  const element = (name: string): string => new RegExp(`> ${name}: array<(\\w+)`).exec(code)?.[1] ?? 'f32'
  const shared = /^var<workgroup> left/m.test(code)
  const counted = rewritten(
    alone,
    shared ? /(?<![\w.])(x|w|left|right)\[/ : /(?<![\w.])(x|w)\[/,
    (name, inside, rest) => (rest.startsWith(' = ') ? `${name}[${inside}]` : `load_${name}(${inside})`),
  )
  const own = /fn main\([^{]*\bid: vec3u/.test(code) ? 'id.x' : `lane + WG * (group.x + ${ROW}u * group.y)`
  const loader = (name: string, counter: Question, type: string): string =>
    `fn load_${name}(i: u32) -> ${type} { seen_${counter} += 1u; return ${name}[i]; }`
  return [
    counted
      .replace(
        /fn epilogue\([\s\S]*?\n\}/,
        `fn epilogue(sum: f32, k: u32, i: u32) -> f32 { return f32(seen_${question}); }`,
      )
      .replace(
        /fn main\([\s\S]*?\) \{/,
        start => `${start}\n  seen_who = ${own};${/\bsub\b/.test(counted) ? ' let sub = lane;' : ''}`,
      ),
    ...QUESTIONS.map(q => `var<private> seen_${q}: u32;`),
    loader('x', 'x', element('x')),
    loader('w', 'w', element('w')),
    ...(shared ? [loader('left', 'shared', 'Stored'), loader('right', 'shared', 'Stored')] : []),
  ].join('\n')
}
