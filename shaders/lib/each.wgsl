// lib/each    One invocation an element. The including kernel says how many elements() there are and what is done to
// element(i). The work is one long row. Workgroups past 65,535, the most that an axis of a grid takes, go on in y.
const WG: u32 = 64;
// #include "lib/flat.wgsl": flat(), the number of an invocation

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flat(id, groups);
  if (i < elements()) { element(i); }
}
