// optim/adam/1_naive    d = scale * g;   m = b1 * m + (1 - b1) * d;   s = b2 * s + (1 - b2) * d^2;
// w = w - lr * (m / c1 / (sqrt(s / c2) + eps) + weight_decay * w)   with c1 = 1 - b1^t, c2 = 1 - b2^t
// w, g, m, s: parameters, their gradients and their two moments (n elements), rate = [lr, c1, c2].   One invocation an
// element (on a CPU, a strip).
// AdamW (Loshchilov and Hutter 2019), PyTorch's rule.
alias Element = f32;
// #include "optim/adam/0_shared.wgsl": Params, the bindings, element() for the formula

fn elements() -> u32 { return p.n; }
