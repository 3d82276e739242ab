// conv2d/backward_input/0_store_vectors    The store of rungs 6 to 8, which bind dx as vec4s.
fn store(i: u32, v: vec4f) { dx[i] = v; }
