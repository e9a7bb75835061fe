interface ImportMetaEnv {
  /** Whether the page is one file (tools/single.ts): then a worker's import is its text, not its address. */
  readonly SINGLE: boolean;
  /** That of the release, as its manifest says. */
  readonly VERSION: string;
}
