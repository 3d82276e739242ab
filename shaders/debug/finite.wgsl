// debug/finite    first = place if any x[i] is NaN or infinite, and no launch before has met such a number
// x: any shape, n elements.   One invocation an element.
struct Params { n: u32, place: u32 }
const NONE: u32 = 0xffffffffu;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> first: array<atomic<u32>>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/finite.wgsl": is_finite()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) {
  // All invocations of a launch store the same number, and a launch sees what those before it have stored.
  if (!is_finite(x[i]) && atomicLoad(&first[0]) == NONE) { atomicStore(&first[0], p.place); }
}
