// conv2d/backward_input/7_tiles
// dx[n,c,ih,iw] = sum over k,r,s of dy[n,k,oh,ow] * w[k,c,r,s]  where oh*stride - pad + r*dilation = ih
// dy (N,K,OH,OW), w (K,C,R,S), dx (N,C,H,W).   For each tap that reaches the workgroup's phase of the stride, a
// matrix product, as rung 4. A workgroup owns a tile of ROWS channels x COLUMNS pixels of one phase, a lane 4 x 4 to
// 8 x 8 of it.
// Over rung 4: neighbouring lanes load and store neighbouring pixels of a phase, and the tile is larger
// (lib/product.wgsl). With fewer K than DEPTH most of a step is empty.
const SPREAD: u32 = 1; // lanes side by side load and store what lies side by side
// #include "conv2d/backward_input/0_phase.wgsl": Params, the bindings, phases and taps
// #include "lib/product.wgsl": product(), which calls place(), fetch() and store()

fn left_deep() -> bool { return false; } // channels of w are nearer to each other than its K
fn right_deep() -> bool { return false; } // pixels of dy

// The taps along one axis that reach a phase: the first, how far apart they are, how many.
struct Taps { first: u32, apart: u32, count: u32 }

fn taps_of(phase: u32, taps: u32) -> Taps {
  var found = Taps();
  for (var tap = 0u; tap < taps; tap++) {
    if (!reaches(shift(phase, tap))) { continue; }
    if (found.count == 0u) { found.first = tap; }
    if (found.count == 1u) { found.apart = tap - found.first; }
    found.count++;
  }
  return found;
}

// Four channels; or four pixels of a phase. The taps that reach it.
struct Place { c: vec4u, phase: Phase, pixels: Pixels, down: Taps, across: Taps }

fn place(block: Block, group: vec3u) -> Place {
  let phase = phase_of(group.z);
  // Past the end: the last again, not written.
  return Place(
    min(group.x * ROWS + four(block.quad, ROW_QUADS), vec4u(p.C - 1u)),
    phase,
    pixels_at(group.y * COLUMNS + four(block.quad, COLUMN_QUADS), phase),
    taps_of(phase.h, p.R),
    taps_of(phase.w, p.S),
  );
}

fn fetch(step: u32, block: Block, place: Place) -> mat4x4f {
  let taps = place.down.count * place.across.count;
  let k = step / taps * DEPTH + depths_of(block);
  let r = place.down.first + step % taps / place.across.count * place.down.apart;
  let s = place.across.first + step % place.across.count * place.across.apart;
  var numbers: mat4x4f;
  if (block.left) {
    for (var i = 0u; i < 4u; i++) {
      let at = ((k[i] * p.C + place.c) * p.R + r) * p.S + s;
      numbers[i] = select(vec4f(), vec4f(w[at.x], w[at.y], w[at.z], w[at.w]), k[i] < p.K);
    }
    return numbers;
  }
  let tap = tap_of(place.pixels, shift(place.phase.h, r), shift(place.phase.w, s));
  for (var i = 0u; i < 4u; i++) {
    numbers[i] = load(tap.at + k[i] * p.OH * p.OW, tap.inside & vec4<bool>(k[i] < p.K));
  }
  return numbers;
}

fn store(group: vec3u, row: u32, columns: vec4u, results: vec4f) {
  let c = group.x * ROWS + row;
  let phase = phase_of(group.z);
  let first = group.y * COLUMNS + columns.x;
  // One store in a loop of unknown length stands for four: stores are what makes this kernel slow to compile on a CPU.
  let end = select(0u, min(first + COLUMNS, pixels_in(phase)), c < p.C);
  for (var i = first; i < end; i += COLUMN_QUADS) { put(place_of(i, c, phase), results[(i - first) / COLUMN_QUADS]); }
}

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let phase = phase_of(group.z);
  let taps = taps_of(phase.h, p.R).count * taps_of(phase.w, p.S).count;
  product(group, lane, 0u, (p.K + DEPTH - 1u) / DEPTH * taps);
}
