// conv2d/backward_weight/0_columns    dw seen as G matrices of K rows and C*R*S columns, and what a column is: a
// channel of x, and a tap. The filter's size is a param: one pipeline serves every filter.
// #include "conv2d/backward_weight/0_shared.wgsl": Params, the bindings, rows_of() a group

fn width() -> u32 { return p.C * p.R * p.S; }

// Four columns: their channels, and where their taps look, counted from oh * stride and ow * stride.
struct Columns { c: vec4u, down: vec4i, right: vec4i }

fn columns_at(numbers: vec4u) -> Columns {
  let column = min(numbers, vec4u(width() - 1u)); // past the end: the last again, not written
  return Columns(
    column / (p.R * p.S),
    vec4i(column / p.S % p.R) * p.dilation - p.pad,
    vec4i(column % p.S) * p.dilation - p.pad,
  );
}
