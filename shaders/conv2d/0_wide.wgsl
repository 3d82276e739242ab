// conv2d/0_wide    The tile of the `octet 32` rungs of forward and backward_input: 32 channels, two terms at a time.
const WG: u32 = 8;
const CHANNELS: u32 = 32;

// Adds two terms to eight channels' sums: lane i has the two weights of channel first + i.
fn add(first: u32, sum: ptr<function, array<vec4f, CHANNELS>>, weights: vec2f, v: vec4f, u: vec4f) {
  for (var i = 0u; i < 8u; i++) {
    let w = subgroupShuffle(weights, i);
    (*sum)[first + i] += w.x * v + w.y * u;
  }
}
