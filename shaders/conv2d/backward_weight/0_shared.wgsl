// conv2d/backward_weight/0_shared    What all rungs bind, number by number.
alias Vector = f32;
alias Gradient = f32;
alias Result = f32;
// #include "conv2d/backward_weight/0_vectors.wgsl": Params, the bindings, rows_of() a group
