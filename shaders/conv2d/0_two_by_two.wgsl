// conv2d/0_two_by_two
const WG: u32 = 8;
struct Params { N: u32, C: u32, K: u32 }

// The filter of the first, second, third or fourth of four channels, as the matrix by which a map x of 2x2 pixels, seen
// as a vec4, becomes y = m * x:  20 of the 36 products of the definition meet the padding.
fn matrix(w: ptr<function, array<vec4f, 9>>, channel: u32) -> mat4x4f {
  var u: array<f32, 9>;
  for (var t = 0u; t < 9u; t++) { u[t] = (*w)[(9u * channel + t) / 4u][(9u * channel + t) % 4u]; }
  return mat4x4f(u[4], u[3], u[1], u[0], u[5], u[4], u[2], u[1], u[7], u[6], u[4], u[3], u[8], u[7], u[5], u[4]);
}
