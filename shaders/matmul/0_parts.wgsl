// matmul/0_parts    How deep a part is where K is cut into parts: a multiple of 32, of which every tile's depth is a
// divisor. So all rungs cut alike, and the last parts may be empty.
fn depth_of_part(parts: u32) -> u32 { return (p.K + 32u * parts - 1u) / (32u * parts) * 32u; }
