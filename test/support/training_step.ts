/** A training step of a network that classifies, on images and labels. */
import { scope } from '../../src/engine/eager.ts'
import type { Tensor } from '../../src/engine/tensor.ts'
import type { Backbone } from '../../src/nn/backbone.ts'
import { valueAndGrad } from '../../src/ops/backward.ts'
import { crossEntropy } from '../../src/ops/loss.ts'

/** Logits, loss, and the gradients of all parameters; the statistics of batch norms have moved then. */
export function trainingStep(
  net: Backbone,
  x: Tensor,
  labels: Tensor,
): { logits: Tensor; loss: Tensor; grads: Map<Tensor, Tensor> } {
  net.train()
  let logits!: Tensor
  let grads!: Map<Tensor, Tensor>
  const [loss] = scope(() => {
    const made = valueAndGrad(() => {
      logits = net.forward(x)
      return crossEntropy(logits, labels)
    }, [...net.parameters().values()])
    grads = made.grads
    return [made.value, logits, ...grads.values()]
  })
  return { logits, loss: loss!, grads }
}
