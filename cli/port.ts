import { createServer } from 'node:net';

/** The port cannot be listened on; the message is one line that says what to do. */
export class PortError extends Error {
  override readonly name = 'PortError';
}

/**
 * Fails early: what starts later takes time, and would end here anyway.
 * @throws PortError when the port is taken or not allowed
 */
export async function checkPort(port: number): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  } catch (error) {
    throw portError(port, error) ?? error;
  }
  await new Promise(resolve => server.close(resolve));
}

/** @returns undefined for errors that are not about the port */
export function portError(port: number, error: unknown): PortError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const remedy = 'choose another port, e.g. npm start -- --port 4600';
  if (code === 'EADDRINUSE') {
    return new PortError(
      `Port ${port} is in use, perhaps by another Groundwork: stop what listens there, or ${remedy}`,
    );
  }
  if (code === 'EACCES') return new PortError(`Port ${port} needs more rights than you have: ${remedy}`);
  return undefined;
}
