// batch_norm/0_walk    How a workgroup shares the places of channel c of a tensor (N,C,L): lane i begins at the i-th of
// all images' places, and goes on by WG. So no lane is idle where an image has fewer places than a workgroup has lanes.
// A place is (image, place in the image); a division for each would take longer than these comparisons.
fn first_place(lane: u32) -> vec2u { return vec2u(lane / p.L, lane % p.L); }

fn next_place(at: vec2u) -> vec2u {
  let next = at + vec2u(WG / p.L, WG % p.L);
  return select(next, vec2u(next.x + 1u, next.y - p.L), next.y >= p.L);
}

fn index_of(at: vec2u, c: u32) -> u32 { return (at.x * p.C + c) * p.L + at.y; }
