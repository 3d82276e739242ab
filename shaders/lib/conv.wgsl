// lib/conv    A convolution's numbers where the filter's size, R x S, is compiled in: x (N,C,H,W), w (K,C,R,S),
// y (N,K,OH,OW); row ih of x meets row oh of y through tap r when ih = oh * stride - pad + r * dilation.
struct Params { N: u32, C: u32, H: u32, W: u32, K: u32, OH: u32, OW: u32, stride: i32, pad: i32, dilation: i32 }
