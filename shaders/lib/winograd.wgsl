// lib/winograd    Winograd's F(2x2, 3x3) (Lavin and Gray 2016): a tile of 2x2 outputs of a 3x3 convolution from a patch
// of 4x4 inputs with 16 products instead of 36:   y = At [ (G g Gt) * (Bt d B) ] A   with
//   Bt = 1  0 -1  0      G = 1    0    0      At = 1  1  1  0
//        0  1  1  0          1/2  1/2  1/2         0  1 -1 -1
//        0 -1  1  0          1/2 -1/2  1/2
//        0  1  0 -1          0    0    1
// Tiles are numbered in one row: tile t = (n * TH + ty) * TW + tx, and it covers the outputs 2 ty and 2 ty + 1 by 2 tx
// and 2 tx + 1.
struct Params { N: u32, C: u32, K: u32, H: u32, W: u32, OH: u32, OW: u32, TH: u32, TW: u32, pad: i32 }

fn tiles() -> u32 { return p.N * p.TH * p.TW; }

// The image of a tile, and the row and column of its first output.
fn place_of(t: u32) -> vec3u { return vec3u(t / (p.TH * p.TW), t / p.TW % p.TH * 2u, t % p.TW * 2u); }
