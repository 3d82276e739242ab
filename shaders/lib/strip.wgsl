// The elements of this invocation when the work is one long row of n: .x, then every WG-th, below .y. On a GPU an
// invocation has one element. On a CPU, where an invocation costs as much as several elements, it walks a strip
// (gpu/kernel.ts sets WG and STRIP). Workgroups past 65,535 continue in y.
const STRIP: u32 = 1;
fn strip(group: vec3u, groups: vec3u, lane: u32, n: u32) -> vec2u {
  let first = (group.x + group.y * groups.x) * WG * STRIP;
  return vec2u(first + lane, min(first + WG * STRIP, n));
}
