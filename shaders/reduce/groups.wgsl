// reduce/groups    y0 = sum over g of x0[g],  y1 = sum over g of x1[g],  y2 and y3 likewise: four sums in one launch
// x0 (g0 groups, n0), y0 (n0); the others likewise.   One invocation an element of y0 to y3; a workgroup has one y.
const WG: u32 = 64;
struct Params { g0: u32, g1: u32, g2: u32, g3: u32, n0: u32, n1: u32, n2: u32, n3: u32 }
@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read> x1: array<f32>;
@group(0) @binding(2) var<storage, read> x2: array<f32>;
@group(0) @binding(3) var<storage, read> x3: array<f32>;
@group(0) @binding(4) var<storage, read_write> y0: array<f32>;
@group(0) @binding(5) var<storage, read_write> y1: array<f32>;
@group(0) @binding(6) var<storage, read_write> y2: array<f32>;
@group(0) @binding(7) var<storage, read_write> y3: array<f32>;
@group(0) @binding(8) var<uniform> p: Params;
alias Term = f32;
// #include "lib/sum.wgsl": Sum, add() and sum_of(): a sum that keeps its digits, however long

fn workgroups(n: u32) -> u32 { return (n + WG - 1u) / WG; }

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  var g = group.x + group.y * groups.x;
  var sum = Sum();
  if (g < workgroups(p.n0)) {
    let i = g * WG + lane;
    if (i >= p.n0) { return; }
    for (var k = 0u; k < p.g0; k++) { add(&sum, x0[k * p.n0 + i]); }
    y0[i] = sum_of(&sum);
    return;
  }
  g -= workgroups(p.n0);
  if (g < workgroups(p.n1)) {
    let i = g * WG + lane;
    if (i >= p.n1) { return; }
    for (var k = 0u; k < p.g1; k++) { add(&sum, x1[k * p.n1 + i]); }
    y1[i] = sum_of(&sum);
    return;
  }
  g -= workgroups(p.n1);
  if (g < workgroups(p.n2)) {
    let i = g * WG + lane;
    if (i >= p.n2) { return; }
    for (var k = 0u; k < p.g2; k++) { add(&sum, x2[k * p.n2 + i]); }
    y2[i] = sum_of(&sum);
    return;
  }
  let i = (g - workgroups(p.n2)) * WG + lane;
  if (i >= p.n3) { return; }
  for (var k = 0u; k < p.g3; k++) { add(&sum, x3[k * p.n3 + i]); }
  y3[i] = sum_of(&sum);
}
