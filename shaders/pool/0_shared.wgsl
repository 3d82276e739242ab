// pool/0_shared    The numbers of a pool: windows of R x R, `stride` apart, over maps (N,H,W) with a border of `pad`.
// Each gives one output, (N,OH,OW); N = batch * channels.
struct Params { N: u32, H: u32, W: u32, OH: u32, OW: u32, R: u32, stride: i32, pad: i32 }
