// sampler/0_sample    The numbers of samples of OH x OW pixels from images of H x W, and what lies outside an image
// (BORDER 1: the edge pixel, 0: zero).
const BORDER: u32 = 1;
struct Params { N: u32, C: u32, H: u32, W: u32, OH: u32, OW: u32 }
