// attention/0_shared    One invocation a place (n,l) of attention maps M (N,C,L), for all channels: element(i) is
// called with i = n * L + l.
struct Params { N: u32, C: u32, L: u32 }
// #include "lib/each.wgsl": main() calls element() for each of the elements()
fn elements() -> u32 { return p.N * p.L; }
