// conv2d/0_two_by_two    3x3 filters of stride 1 and padding 1 on maps of 2x2 pixels. Such a map is a vec4, and a
// filter a 4x4 matrix between two of them.
const WG: u32 = 8;
// #include "conv2d/0_params.wgsl": Params

// The filters of four neighbouring channels: 36 numbers. They begin at a vec4 if the number of channels is a multiple
// of four.
alias Filters = array<vec4f, 9>;

// The filter of channel 0, 1, 2 or 3 of the four, as the matrix m of y = m x. Its columns are what each pixel of x
// gives to y.
fn matrix(filters: ptr<function, Filters>, channel: u32) -> mat4x4f {
  var w: array<f32, 9>;
  for (var t = 0u; t < 9u; t++) { w[t] = (*filters)[(9u * channel + t) / 4u][(9u * channel + t) % 4u]; }
  return mat4x4f(w[4], w[3], w[1], w[0], w[5], w[4], w[2], w[1], w[7], w[6], w[4], w[3], w[8], w[7], w[5], w[4]);
}
