// winograd/input_backward/2_rows    dx = the sum over all tiles that a pixel lies under of B dv Bt: the transpose of
// winograd/input. ADD 1: and so_far, the gradient that x has from another use.
// dv (16,C,T), dx (N,C,H,W) with W a multiple of 8, and padding 1.   One invocation two rows of dx, which are the first
// half of one row of patches and the second half of the row before. It walks four tiles at a time.
// Over rung 1: there a block of 2x2 pixels loads all of its four tiles, 64 numbers. Here a tile is loaded for the block
// on its left and the one on its right together; and vec4s are loaded and stored, so an address is worked out and
// checked once for four numbers.
// #include "lib/winograd.wgsl": the matrices, Params, tiles(), place_of() a tile
alias Element = vec4f;
// #include "lib/put.wgsl": dx, and put(), which stores into it
@group(0) @binding(2) var<storage, read> dv: array<vec4f>;
@group(0) @binding(3) var<uniform> p: Params;
// #include "lib/rolled.wgsl": after(), the next number of a loop that is not to be unrolled
// #include "lib/each.wgsl": main() calls element() for each of the elements()

// One row of dx under four tiles: the pixels of even number, those of odd number each on their left, and what the
// tiles give to the two pixels on their right.
struct Four { even: vec4f, odd: vec4f, beyond: vec2f }

// rows: of B dv, each number for four tiles. beyond: what the tiles before gave.
fn across(rows: array<vec4f, 4>, beyond: vec2f) -> Four {
  let third = rows[1] + rows[2] - rows[0];
  return Four(
    rows[1] - rows[2] + rows[3] - vec4f(beyond.y, rows[3].xyz),
    rows[0] + vec4f(beyond.x, third.xyz),
    vec2f(third.w, rows[3].w),
  );
}

// Eight pixels, the last of which is known with the next tiles.
fn put_eight(at: u32, four: Four, last: f32) {
  put(at, vec4f(four.even.x, four.odd.y, four.even.y, four.odd.z));
  put(at + 1u, vec4f(four.even.z, four.odd.w, four.even.w, last));
}

fn elements() -> u32 { return p.N * p.C * (p.TH + 1u); }

fn element(f: u32) {
  let plane = f / (p.TH + 1u); // n * C + c
  let by = f - plane * (p.TH + 1u);
  let n = plane / p.C;
  let step = p.C * tiles() / 4u;
  let quads = p.TW / 4u; // in a row of tiles
  let here = by < p.TH;
  let before = by > 0u;
  let row = ((plane - n * p.C) * p.N + n) * p.TH + by;
  let low = select(0u, row * quads, here);
  let high = select(0u, (row - 1u) * quads, before);
  let up = before && 2u * by - 1u < p.H; // the two rows of dx
  let down = 2u * by < p.H;
  let up_at = (plane * p.H + 2u * by - 1u) * (p.W / 4u);
  let down_at = (plane * p.H + 2u * by) * (p.W / 4u);
  var upper = Four();
  var lower = Four();
  for (var g = 0u; g <= quads; g++) {
    var next = Four();
    var next2 = Four();
    if (g < quads) {
      var rows: array<vec4f, 4>;
      var rows2: array<vec4f, 4>;
      for (var j = 0u; j < 4u; j = after(j)) {
        let l = low + g + j * step;
        let h = high + g + j * step;
        let first = select(vec4f(), dv[l], here);
        let second = select(vec4f(), dv[l + 4u * step] - dv[l + 8u * step] + dv[l + 12u * step], here);
        let third = select(vec4f(), dv[h + 4u * step] + dv[h + 8u * step] - dv[h], before);
        let fourth = select(vec4f(), dv[h + 12u * step], before);
        rows[j] = first + third;
        rows2[j] = second - fourth;
      }
      next = across(rows, upper.beyond);
      next2 = across(rows2, lower.beyond);
    }
    if (g > 0u) {
      let end = g == quads;
      if (up) { put_eight(up_at + 2u * g - 2u, upper, select(next.odd.x, upper.beyond.x, end)); }
      if (down) { put_eight(down_at + 2u * g - 2u, lower, select(next2.odd.x, lower.beyond.x, end)); }
    }
    upper = next;
    lower = next2;
  }
}
