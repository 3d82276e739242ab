// conv2d/backward_weight/0_groups    The rows of dy, of all images, are cut into G groups. Row number r is row r % OH
// of image r / OH; group g has those from .x to .y - 1.
fn rows_of(g: u32) -> vec2u {
  let each = (p.N * p.OH + p.G - 1u) / p.G;
  return min(vec2u(g * each, (g + 1u) * each), vec2u(p.N * p.OH));
}
