/** Tells the engine that its adapter is a CPU: browsers may hide that. */
import { switches } from '../../src/gpu/switches.ts'

/** From now on rungs are chosen as for a CPU. Called before open(). */
export const takeForCpu = (): void => {
  Object.defineProperty(switches, 'machine', { value: 'cpu' })
}
