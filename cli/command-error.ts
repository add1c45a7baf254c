/** Exit statuses, as docs/command-line.md lists them. */
export const EXIT = { failed: 1, usage: 2, notFound: 3, refused: 4 } as const;

/** What people can do something about; the message is one line that names the fix. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
