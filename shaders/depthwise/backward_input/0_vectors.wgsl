// depthwise/backward_input/0_vectors    What the rungs bind whose dy is loaded in Vectors and whose dx is stored in
// Elements: each is one number or several.
alias Weight = f32;
// #include "conv2d/backward_input/0_vectors.wgsl": the bindings; put(), which stores into dx
// #include "conv2d/0_params.wgsl": Params
