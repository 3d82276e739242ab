// conv2d/backward_input/0_put    How a rung stores a finished sum. Where x has a gradient from another use already
// (ADD 1), it is added here, so that the two need no launch of their own to meet.
const ADD: u32 = 0;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;
@group(0) @binding(3) var<storage, read> so_far: array<f32>;

fn put(i: u32, sum: f32) {
  var v = sum;
  if (ADD == 1u) { v += so_far[i]; }
  dx[i] = v;
}
