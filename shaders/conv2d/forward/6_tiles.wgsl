// conv2d/forward/6_tiles
// y[n,k,oh,ow] = sum over c,r,s of x[n,c,ih,iw] * w[k,c,r,s],   ih = oh*stride - pad + r*dilation
// x (N,C,H,W), w (K,C,R,S), y (N,K,OH,OW).   Implicit matrix product, as rung 4. A workgroup owns a tile of ROWS
// channels x COLUMNS pixels, a lane 4 x 4 to 8 x 8 of it.
// Over rung 4: a step is one tap of DEPTH channels, so the place of a patch is computed once a step and not once a
// number; neighbouring lanes load neighbouring pixels; and the tile is larger (lib/product.wgsl). With fewer channels
// than DEPTH most of a step is empty.
const SPREAD: u32 = 1; // lanes side by side load and store what lies side by side
// #include "conv2d/0_params.wgsl": Params
// #include "conv2d/forward/0_shared.wgsl": the bindings; epilogue(), what is done to a finished sum
// #include "lib/product.wgsl": product(), which calls place(), fetch() and store()

fn left_deep() -> bool { return true; } // taps of w, channel after channel
fn right_deep() -> bool { return false; } // pixels of x

// Where the weights of four channels begin; or the images of four pixels, and the pixels of x that their first taps
// meet.
struct Place { begin: vec4u, ih: vec4i, iw: vec4i }

fn place(block: Block, group: vec3u) -> Place {
  // Past the end: the last again, not written.
  if (block.left) {
    let k = min(group.x * ROWS + four(block.quad, ROW_QUADS), vec4u(p.K - 1u));
    return Place(k * (p.C * p.R * p.S), vec4i(), vec4i());
  }
  let plane = p.OH * p.OW;
  let pixel = min(group.y * COLUMNS + four(block.quad, COLUMN_QUADS), vec4u(p.N * plane - 1u));
  let at = pixel % plane;
  return Place(
    pixel / plane * (p.C * p.H * p.W),
    vec4i(at / p.OW) * p.stride - p.pad,
    vec4i(at % p.OW) * p.stride - p.pad,
  );
}

// All taps of DEPTH channels come one after the other: then a line of w or x serves several steps while it is near.
fn fetch(step: u32, block: Block, place: Place) -> mat4x4f {
  let taps = p.R * p.S;
  let tap = step % taps;
  let c = step / taps * DEPTH + depths_of(block);
  var numbers: mat4x4f;
  if (block.left) {
    for (var i = 0u; i < 4u; i++) {
      let at = place.begin + c[i] * taps + tap;
      numbers[i] = select(vec4f(), vec4f(w[at.x], w[at.y], w[at.z], w[at.w]), c[i] < p.C);
    }
    return numbers;
  }
  let ih = vec4u(place.ih + i32(tap / p.S) * p.dilation); // negative rows become huge: one comparison finds both ends
  let iw = vec4u(place.iw + i32(tap % p.S) * p.dilation);
  let inside = (ih < vec4u(p.H)) & (iw < vec4u(p.W));
  let first = select(vec4u(), place.begin + ih * p.W + iw, inside);
  for (var i = 0u; i < 4u; i++) {
    let at = first + c[i] * p.H * p.W;
    numbers[i] = select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside & vec4<bool>(c[i] < p.C));
  }
  return numbers;
}

fn store(group: vec3u, row: u32, columns: vec4u, results: vec4f) {
  let k = group.x * ROWS + row;
  let plane = p.OH * p.OW;
  let first = group.y * COLUMNS + columns.x;
  // One store in a loop of unknown length stands for four: stores are what makes this kernel slow to compile on a CPU.
  let end = select(0u, min(first + COLUMNS, p.N * plane), k < p.K);
  for (var i = first; i < end; i += COLUMN_QUADS) {
    let o = (i / plane * p.K + k) * plane + i % plane;
    y[o] = epilogue(results[(i - first) / COLUMN_QUADS], k, o);
  }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  product(group, lane, 0u, (p.C + DEPTH - 1u) / DEPTH * p.R * p.S);
}
