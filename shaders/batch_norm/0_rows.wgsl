// batch_norm/0_rows    LANES lanes walk one row (n,c) of a tensor (N,C,L), a vec4 of four elements at a time. The
// including kernel says what is loaded once a row, k = channel(c), and what is done to four elements, four(i, k).
const WG: u32 = 32;
const LANES: u32 = 8; // WG is a multiple of it
// #include "lib/flat.wgsl": flat(), the number of an invocation

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = flat(id, groups) / LANES;
  if (row >= p.N * p.C) { return; }
  let k = channel(row % p.C);
  let end = (row + 1u) * (p.L / 4u);
  for (var i = row * (p.L / 4u) + id.x % LANES; i < end; i += LANES) { four(i, k); }
}
