// lib/axis    A tensor seen as (outer, axis, inner) has outer * inner rows along its axis, whose elements lie `inner`
// apart: where a row begins.
fn base_of(row: u32) -> u32 { return (row / p.inner) * p.axis * p.inner + row % p.inner; }
