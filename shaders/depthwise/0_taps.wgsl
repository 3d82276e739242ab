// depthwise/0_taps    What the taps of a filter see of a row: the pixels from `pad` before a lane's first column on.
const stride: i32 = 1;
const pad: i32 = 1;
const dilation: i32 = 1;
const STEP: u32 = u32(stride);
const REACH: u32 = u32(dilation);
const BEFORE: u32 = u32(pad);
const LOADED: u32 = COLUMNS * STEP;
const SEEN: u32 = (COLUMNS - 1u) * STEP + 2u * REACH + 1u;
// #include "depthwise/0_row.wgsl": row_of()
