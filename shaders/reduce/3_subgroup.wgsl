// reduce/3_subgroup    y[o] = scale * sum over a of x[o,a]        (OP 0: sum, 1: max)
// x (outer, axis), y (outer): inner is 1.   Eight lanes walk the axis side by side and put their results together by
// shuffles. Over rung 2: no workgroup memory and no barriers, which a CPU pays for dearly. Over rung 1: the eight read
// neighbours, where lanes with an output each would read eight cache lines. Right for subgroups of 8 lanes and more.
enable subgroups;
const WG: u32 = 8;
const LANES: u32 = 8; // per output
const OP: u32 = 0;
struct Params { outer: u32, axis: u32, inner: u32, scale: f32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/flat.wgsl"

fn both(a: f32, b: f32) -> f32 { return select(a + b, max(a, b), OP == 1u); }

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  // Lanes past the end do the last output once more: a shuffle needs all.
  let o = min(flat(id, groups) / LANES, p.outer - 1u);
  let base = o * p.axis;
  var mine = select(0.0, x[base], OP == 1u);
  for (var a = id.x % LANES; a < p.axis; a += LANES) { mine = both(mine, x[base + a]); }
  mine = both(mine, subgroupShuffleXor(mine, 4u));
  mine = both(mine, subgroupShuffleXor(mine, 2u));
  mine = both(mine, subgroupShuffleXor(mine, 1u));
  y[o] = mine * select(p.scale, 1.0, OP == 1u);
}
