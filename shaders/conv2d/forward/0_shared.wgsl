// conv2d/forward/0_shared    What all rungs bind, number by number, and what is done to a finished sum.
alias Vector = f32;
alias Weight = f32;
alias Result = f32;
// #include "conv2d/forward/0_vectors.wgsl": the bindings; epilogue(), for bias or batch norm, shortcut and ReLU
