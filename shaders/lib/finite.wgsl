// lib/finite    Neither infinite nor NaN. It looks at the bits, for compilers may assume that floats are finite.
fn is_finite(v: f32) -> bool { return (bitcast<u32>(v) & 0x7f800000u) != 0x7f800000u; }
