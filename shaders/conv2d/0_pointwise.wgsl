// conv2d/0_pointwise    The tile of eight lanes in the rungs `pointwise octet`, for 1x1 filters: CHANNELS channels x 8
// vec4s of pixels, one for each lane. As no tap looks aside, an image is one row of H*W pixels.
const WG: u32 = 8;
// #include "conv2d/0_params.wgsl": Params

// Where a lane's pixels lie: image, and vec4 of it. Past the end, `there` is false and it is the last one again.
struct Place { n: u32, at: u32, there: bool }

fn vectors() -> u32 { return p.H * p.W / 4u; } // of a channel of an image

fn place_of(number: u32) -> Place {
  let v = min(number, p.N * vectors() - 1u);
  return Place(v / vectors(), v % vectors(), number < p.N * vectors());
}

// Adds four terms to eight channels' sums: lane i has the weights of channel first + i. On a CPU a loop's variable is
// written under a mask, which takes longer than a product: so it is written once for four.
fn add(first: u32, sum: ptr<function, array<vec4f, CHANNELS>>, weights: vec4f, terms: array<vec4f, 4>) {
  for (var i = 0u; i < 8u; i++) {
    let w = subgroupShuffle(weights, i);
    (*sum)[first + i] += w.x * terms[0] + w.y * terms[1] + w.z * terms[2] + w.w * terms[3];
  }
}
