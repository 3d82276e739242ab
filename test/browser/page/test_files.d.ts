/** The list of test files, which build.ts writes. */
declare module '#test-files' {
  export const FILES: Readonly<Record<string, () => Promise<unknown>>>
}
