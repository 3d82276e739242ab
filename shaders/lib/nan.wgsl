// lib/nan    What is not a number stays so. Compilers may assume that floats are numbers: then max(NaN, 0) is 0, and a
// comparison with NaN goes either way. So these functions look at the bits and choose between bits, of which nothing
// may be assumed.
fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }

// v, or NaN where `wrong`.
fn nan_if(wrong: bool, v: f32) -> f32 { return bitcast<f32>(select(bitcast<u32>(v), 0x7fc00000u, wrong)); }

// max(a, b), and NaN where either is.
fn larger(a: f32, b: f32) -> f32 { return nan_if(is_nan(a) || is_nan(b), max(a, b)); }
