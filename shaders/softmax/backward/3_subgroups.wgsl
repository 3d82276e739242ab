// softmax/backward/3_subgroups
// dx = scale * y * (dy - sum over a of dy * y)        LOG 1:  dx = scale * (dy - exp(y) * sum over a of dy)
// y, dy, dx (outer, axis, inner), y the forward result.   One workgroup a row: WG lanes share both walks along the
// axis.
// Over rung 2: the terms meet in registers, subgroup by subgroup, and one barrier takes the place of seven.
enable subgroups;
const WG: u32 = 64;
alias Partial = f32;
// #include "softmax/backward/0_workgroup.wgsl": main(), which calls total_of()
// #include "lib/meet_subgroups.wgsl": meet_subgroups(), the sum over all lanes

fn total_of(lane: u32, mine: f32) -> f32 { return meet_subgroups(lane, mine); }
