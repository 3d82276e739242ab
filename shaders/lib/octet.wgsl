// lib/octet    An octet is eight neighbouring lanes within a subgroup of eight lanes or more. Here it shares one item,
// and its lanes hand their registers round. A CPU's subgroups hold one octet, a GPU's several. The including kernel
// says how many items() there are, and what lane 0 to 7 does for item(i, lane).
const WG: u32 = 8;
const LANES: u32 = 8; // of an octet; 4 where subgroups have no more
var<private> owner: bool; // true in one lane for each item: the one that may update in place
// #include "lib/flat.wgsl": flat(), the number of an invocation

@compute @workgroup_size(WG)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = flat(id, groups) / LANES;
  let lane = id.x % LANES;
  owner = i < items() && lane == 0u;
  // Octets past the end do the last item once more: a shuffle needs all lanes of a subgroup.
  item(min(i, items() - 1u), lane);
}

// The sum over the lanes of an octet and the four components, the same in every lane.
fn total(mine: vec4f) -> f32 {
  var sum = mine.x + mine.y + mine.z + mine.w;
  if (LANES == 8u) { sum += subgroupShuffleXor(sum, 4u); }
  sum += subgroupShuffleXor(sum, 2u);
  return sum + subgroupShuffleXor(sum, 1u);
}
