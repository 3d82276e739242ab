// optim/sgd/2_vec4    d = scale * g + weight_decay * w;   v = momentum * v + d;   w = w - lr * v
// (NESTEROV 1: w = w - lr * (d + momentum * v))
// w, g, v: parameters, their gradients, their velocities (n elements, a multiple of 4), rate = [lr].   One invocation
// four elements (on a CPU, a strip of them).
// Over rung 1: four elements move in one load, so an address is worked out and checked once for four.
alias Element = vec4f;
// #include "optim/sgd/0_shared.wgsl": Params, the bindings, element() for the formula

fn elements() -> u32 { return p.n / 4u; }
