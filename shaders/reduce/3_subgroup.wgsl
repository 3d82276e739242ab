// reduce/3_subgroup    y[o] = scale * sum over a of x[o,a]        (OP 0: sum, 1: max)
// x (outer, axis), y (outer): inner is 1.   An octet of lanes walks the axis side by side and puts its results together
// by shuffles.
// Over rung 2: no workgroup memory and no barriers, which a CPU pays for dearly. Over rung 1: the eight lanes read
// neighbours, where lanes with an output each would read eight cache lines. Right for subgroups of 8 lanes and more.
enable subgroups;
// #include "reduce/0_shared.wgsl": Params, the bindings, walk() along a row, scaled()
// #include "lib/octet.wgsl": main() calls item() for each of the items()

fn items() -> u32 { return p.outer; }

fn both(a: f32, b: f32) -> f32 {
  if (OP == 1u) { return larger(a, b); }
  return a + b;
}

fn item(o: u32, lane: u32) {
  var mine = walk(o * p.axis, lane, LANES);
  mine = both(mine, subgroupShuffleXor(mine, 4u));
  mine = both(mine, subgroupShuffleXor(mine, 2u));
  mine = both(mine, subgroupShuffleXor(mine, 1u));
  y[o] = scaled(mine);
}
