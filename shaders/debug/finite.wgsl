// debug/finite    first = min(first, place) if any x[i] is NaN or infinite
// x: any shape, n elements.   One invocation an element.
struct Params { n: u32, place: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> first: array<atomic<u32>>;
@group(0) @binding(2) var<uniform> p: Params;
// #include "lib/finite.wgsl": is_finite()
// #include "lib/each.wgsl": main() calls element() for each of the elements()

fn elements() -> u32 { return p.n; }

fn element(i: u32) {
  if (!is_finite(x[i])) { atomicMin(&first[0], p.place); }
}
