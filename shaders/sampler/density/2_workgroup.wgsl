// sampler/density/2_workgroup    from a map's two marginals to its sampling densities, see sampler/density/0_shared
// One workgroup a map.
// Over rung 1: a lane alone walks both axes some twenty times, one load after the other, while a GPU waits.
const WG: u32 = 64;
const LANES: u32 = WG;
alias Partial = f32;
// #include "sampler/density/0_shared.wgsl": Params, the bindings, densities() for the formula
// #include "lib/meet_all.wgsl": total_of() and largest_of(), the same in every lane

@compute @workgroup_size(WG)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32) {
  let n = group.x + group.y * groups.x;
  if (n < p.N) { densities(n, lane); }
}
