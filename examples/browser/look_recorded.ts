/** The answer that the panel Look opens with: to its first bird, as Node recorded it. */
import firstLook from './first_look.json' with { type: 'json' }
import { unpackLook } from './first_look.ts'
import { paintBird } from './painter.ts'
import { FIRST_SHOWN, pictureOf } from './painters.ts'

/** The bird, what is shown of it, and of the model. The bird is drawn here: a worker would have to be started first. */
export function recordedLook() {
  const bird = paintBird(FIRST_SHOWN)
  const { config, look } = firstLook
  const seen = unpackLook(look, pictureOf(bird))
  return { bird, seen, model: { config, channels: seen.attention.shape[0]! } }
}
