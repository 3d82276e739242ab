// sampler/density/1_naive    from a map's two marginals to its sampling densities, see sampler/density/0_shared
// One invocation a map: the steps need sums and maxima of both axes in turn.
const LANES: u32 = 1;
// #include "sampler/density/0_shared.wgsl": Params, the bindings, densities() for the formula
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn total_of(lane: u32, mine: f32) -> f32 { return mine; }
fn largest_of(lane: u32, mine: f32) -> f32 { return mine; }

fn elements() -> u32 { return p.N; }

fn element(n: u32) { densities(n, 0u); }
