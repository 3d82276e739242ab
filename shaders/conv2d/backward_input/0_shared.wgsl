// conv2d/backward_input/0_shared    What all rungs bind, number by number.
alias Element = f32;
alias Vector = f32;
alias Weight = f32;
// #include "conv2d/backward_input/0_vectors.wgsl": the bindings; put(), which stores into dx
