// conv2d/0_rows    The tile of eight lanes in the rungs `rows` and `halving`: CHANNELS channels x 8 vec4s of
// neighbouring pixels, one for each lane. Rows have 1, 2, 4 or 8 vec4s, so an octet has whole rows, and a lane's
// neighbours across the row are lanes of the octet, or padding.
const WG: u32 = 8;
// #include "conv2d/0_params.wgsl": Params
// #include "conv2d/0_window.wgsl": what the taps see

// Where a lane's pixels lie: image, row, vec4 of the row, and whether it has neighbours to the left and right.
// Past the end, `there` is false and it is the last one again.
struct Place { n: u32, row: u32, column: u32, left: bool, right: bool, there: bool }

// Number `number` of all vec4s of images with `rows` rows of `width` vec4s.
fn place_of(number: u32, rows: u32, width: u32) -> Place {
  let all = p.N * rows * width;
  let v = min(number, all - 1u);
  let column = v % width;
  return Place(v / (rows * width), v / width % rows, column, column > 0u, column + 1u < width, number < all);
}

// What the lanes to the left and to the right hold; zero in the padding.
fn of_left(v: vec4f, at: Place, lane: u32) -> vec4f {
  return select(vec4f(), subgroupShuffle(v, (lane + 7u) % 8u), at.left);
}
fn of_right(v: vec4f, at: Place, lane: u32) -> vec4f {
  return select(vec4f(), subgroupShuffle(v, (lane + 1u) % 8u), at.right);
}

// Adds the products of three taps to eight channels' sums: lane i has the weights of channel first + i.
fn add(first: u32, sum: ptr<function, array<vec4f, CHANNELS>>, weights: vec3f, seen: Window) {
  for (var i = 0u; i < 8u; i++) {
    let w = subgroupShuffle(weights, i);
    (*sum)[first + i] += w.x * seen[0] + w.y * seen[1] + w.z * seen[2];
  }
}
