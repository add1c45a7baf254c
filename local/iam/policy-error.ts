/** A policy that the local cloud cannot judge faithfully. It stops the deployment rather than allow or deny too much. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}
