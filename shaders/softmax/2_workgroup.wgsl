// softmax/2_workgroup
// y[o,a,i] = exp(z[o,a,i] - m) / sum over a of exp(z[o,a,i] - m),  m = max over a        (LOG 1: its logarithm)
// z = scale * x;  x, y (outer, axis, inner).   One workgroup a row: WG lanes share each walk along the axis and meet in
// workgroup memory.
// Over rung 1, on long rows: there one lane walks a row, while the rest of the machine may have nothing to do.
const WG: u32 = 64;
alias Partial = f32;
// #include "softmax/0_workgroup.wgsl": main(), which calls largest_of() and total_of()
// #include "lib/meet_all.wgsl": largest_of() and total_of(), the same in every lane
