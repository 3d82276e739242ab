/** The messages between the page of the tests and its worker, which runs them. */

/** The page's only message: which files, and the switches as variables of the environment. */
export interface Order {
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** The outcome of a file. */
export interface Outcome {
  readonly file: string
  readonly passed: number
  readonly seconds: number
  /** Of each test that failed: `suite  "test"`, the message, and where it was thrown. */
  readonly failures: readonly string[]
}

export type Report =
  | { readonly kind: 'opened'; readonly adapter: string; readonly files: readonly string[] }
  | { readonly kind: 'began'; readonly file: string }
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  | { readonly kind: 'done' }
  | { readonly kind: 'stopped'; readonly message: string }
