/** The package's declarations, rolled up into one file: what is in it, and what it refuses. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rollUp } from '../src/package/declarations.ts'

const t = suite('declarations')

/** The texts that become of these. */
const rolledUp = (texts: Record<string, string>): Record<string, string> =>
  Object.fromEntries(rollUp(['index.d.ts', 'a/index.d.ts'], file => texts[file]!, 'types.d.ts'))

const INDEX = `/** An entry. */
export { f, type Batch, type Local } from './a/f.ts';
`

t('what an entry exports and what that names is there, with its documentation; nothing else', () => {
  const found = rolledUp({
    'index.d.ts': INDEX,
    'a/index.d.ts': "export { g as h } from '../b.ts';\nexport type { Batch } from '../b.ts';\n",
    'a/f.d.ts': `/** Opens the module, and is no statement's. */
import { g } from '../b.ts';
import type { Unused } from '../unused.ts';
/** One of f's. */
export interface Batch {
    /** Its \`g\`. */
    g: ReturnType<typeof g>;
    other: import("../b.ts").Batch;
}
declare const hidden: Unused;
/** Takes a Batch. */
export declare function f(batch: Batch): Local;
export type Local = readonly [...Batch[], Batch];
export {};
`,
    'b.d.ts': `export declare const g: <T extends {
    n: number;
}>(x: T) => Batch;
export declare abstract class Batch {
    #private;
    Batch: Batch;
}
`,
  })
  assert.equal(found, {
    'index.d.ts': "export { f, type Batch, type Local } from './types.js';\n",
    'a/index.d.ts': "export { g as h, type Batch$1 as Batch } from '../types.js';\n",
    'types.d.ts': `/** Takes a Batch. */
export declare function f(batch: Batch): Local;
/** One of f's. */
export interface Batch {
    /** Its \`g\`. */
    g: ReturnType<typeof g>;
    other: Batch$1;
}
export type Local = readonly [...Batch[], Batch];
export declare const g: <T extends {
    n: number;
}>(x: T) => Batch$1;
export declare abstract class Batch$1 {
    #private;
    Batch: Batch$1;
}
`,
  })
})

t('what it cannot roll up it refuses', () => {
  const refuses = (text: string, message: RegExp, index = INDEX): void =>
    assert.throws(() => rolledUp({ 'index.d.ts': index, 'a/index.d.ts': 'export {};\n', 'a/f.d.ts': text }), message)
  const named = 'interface Batch {}\ninterface Local {}\ntype Hidden = 1;\nexport declare function f(): Hidden;\n'
  refuses(named, /exported declarations name what no entry exports: Hidden of a\/f\.d\.ts$/)
  refuses('', /index\.d\.ts declares x: it may only pass names on/, 'export declare const x = 1;\n')
  refuses('export * from "./g.ts";\n', /a\/f\.d\.ts: this cannot be rolled up: export \* from/)
  const overload = 'export declare function f(x: number): void;\n'
  refuses(overload + overload, /a\/f\.d\.ts: the overloads of f cannot be rolled up/)
  refuses(overload, /a\/f\.d\.ts does not declare Batch, which index\.d\.ts passes on/)
})

t.run()
