// optim/sgd/1_naive    d = scale * g + weight_decay * w;   v = momentum * v + d;   w = w - lr * v
// (NESTEROV 1: w = w - lr * (d + momentum * v))
// w, g, v: parameters, their gradients, their velocities (n elements), rate = [lr].   One invocation an element (on a
// CPU, a strip).
// PyTorch's rule. The learning rate is a tensor, so that a recorded step follows the schedule.
alias Element = f32;
// #include "optim/sgd/0_shared.wgsl": Params, the bindings, element() for the formula

fn elements() -> u32 { return p.n; }
