// conv2d/backward_weight/0_vectors    What all rungs bind, and which rows of dy a group walks. The including kernel
// says in what x is loaded, Vectors, in what dy is, Gradients, and in what dw is stored, Results: a number or several.
struct Params {
  N: u32, C: u32, H: u32, W: u32, K: u32, R: u32, S: u32, OH: u32, OW: u32, stride: i32, pad: i32, dilation: i32, G: u32
}
@group(0) @binding(0) var<storage, read> x: array<Vector>;
@group(0) @binding(1) var<storage, read> dy: array<Gradient>;
@group(0) @binding(2) var<storage, read_write> dw: array<Result>;
@group(0) @binding(3) var<uniform> p: Params;

// The rows of dy, of all images, are cut into G groups. Row number r is row r % OH of image r / OH; group g has those
// from .x to .y - 1.
fn rows_of(g: u32) -> vec2u {
  let each = (p.N * p.OH + p.G - 1u) / p.G;
  return min(vec2u(g * each, (g + 1u) * each), vec2u(p.N * p.OH));
}
