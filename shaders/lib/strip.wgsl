// lib/strip    One invocation an element. On a CPU, where an invocation costs as much as several elements, one
// invocation walks a strip of them (gpu/kernel.ts sets WG and STRIP). The including kernel says how many elements()
// there are and what is done to element(i).
// The work is one long row. Workgroups past 65,535, the most that an axis of a grid takes, go on in y.
const WG: u32 = 64;
const STRIP: u32 = 1;

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  let first = (group.x + group.y * groups.x) * WG * STRIP;
  let end = min(first + WG * STRIP, elements());
  for (var i = first + lane; i < end; i += WG) { element(i); } // lanes side by side: neighbours take neighbours
}
