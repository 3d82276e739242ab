// lib/meet_subgroups    All lanes of a workgroup bring a value, and each gets the sum of them. A subgroup adds up its
// own by registers; then one barrier, and every subgroup adds up what all of them have. Right for subgroups of any
// size, in any order, also where some lanes of one are missing: their number is asked for, not known. Called again, it
// needs a barrier before. The including kernel says of what type a Partial is, and that a workgroup has WG lanes.
var<workgroup> partial: array<Partial, WG>;

fn meet_subgroups(lane: u32, mine: Partial) -> Partial {
  let ours = subgroupAdd(mine);
  partial[lane] = select(Partial(), ours, subgroupElect());
  workgroupBarrier();
  let lanes = subgroupAdd(1u);
  var share = Partial();
  for (var i = subgroupExclusiveAdd(1u); i < WG; i += lanes) { share += partial[i]; }
  return subgroupAdd(share);
}
