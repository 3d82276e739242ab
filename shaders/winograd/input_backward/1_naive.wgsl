// winograd/input_backward/1_naive    dx = the sum over all tiles that a pixel lies under of B dv Bt: the transpose of
// winograd/input. ADD 1: and so_far, the gradient that x has from another use.
// dv (16,C,T), dx (N,C,H,W).   One invocation a block of 2x2 pixels (counted with the padding). Patches of 4x4 lie two
// apart, so a block is the first half of one row of patches and the second half of the row before; the same across.
// #include "lib/winograd.wgsl": the matrices, Params, tiles(), place_of() a tile
alias Element = f32;
// #include "lib/put.wgsl": dx, and put(), which stores into it
@group(0) @binding(2) var<storage, read> dv: array<f32>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/each.wgsl": main() calls element() for each of the elements()

// What tile (ty, tx) of channel c gives to a block: .xy its upper row, .zw the lower. `second`: the block is the
// patch's second half there.
fn given(n: u32, c: u32, ty: u32, tx: u32, second: vec2<bool>) -> vec4f {
  let there = ty < p.TH && tx < p.TW;
  let at = select(0u, c * tiles() + (n * p.TH + ty) * p.TW + tx, there);
  let step = p.C * tiles();
  var rows: array<vec4f, 4>;
  for (var i = 0u; i < 4u; i++) {
    let j = at + 4u * i * step;
    rows[i] = vec4f(dv[j], dv[j + step], dv[j + 2u * step], dv[j + 3u * step]);
  }
  let upper = select(rows[0], rows[1] + rows[2] - rows[0], second.x);
  let lower = select(rows[1] - rows[2] + rows[3], -rows[3], second.x);
  let first_half = vec4f(upper.x, upper.y - upper.z + upper.w, lower.x, lower.y - lower.z + lower.w);
  let second_half = vec4f(upper.y + upper.z - upper.x, -upper.w, lower.y + lower.z - lower.x, -lower.w);
  return select(vec4f(), select(first_half, second_half, second.y), there);
}

fn elements() -> u32 { return p.N * p.C * (p.TH + 1u) * (p.TW + 1u); }

fn element(f: u32) {
  let across = p.TW + 1u;
  let down = p.TH + 1u;
  let bx = f % across;
  let by = f / across % down;
  let c = f / (across * down) % p.C;
  let n = f / (across * down * p.C);
  // Below zero: huge.
  let d = given(n, c, by, bx, vec2<bool>(false, false)) + given(n, c, by, bx - 1u, vec2<bool>(false, true))
    + given(n, c, by - 1u, bx, vec2<bool>(true, false)) + given(n, c, by - 1u, bx - 1u, vec2<bool>(true, true));
  let h = i32(2u * by) - p.pad;
  let w = i32(2u * bx) - p.pad;
  for (var i = 0; i < 4; i++) {
    let ih = u32(h + i / 2);
    let iw = u32(w + i % 2);
    if (ih >= p.H || iw >= p.W) { continue; }
    put(((n * p.C + c) * p.H + ih) * p.W + iw, d[i]);
  }
}
