import type { StackAccess } from '../cloud/support/stack.ts';

/**
 * What a content owner does about documents that had no luck too often: they are FAILED, say so, and one call mends it.
 * @returns their keys; a file that is empty stays as it is
 */
export async function retryFailed(stack: StackAccess): Promise<string[]> {
  const failed = (await stack.documents('status=FAILED')).filter(({ error }) => error?.code !== 'empty-file');
  for (const { documentId, key } of failed) {
    const { status } = await stack.request(`documents/${documentId}/retry`, { method: 'POST' });
    // 409: a late message has completed it just now.
    if (status !== 202 && status !== 409) throw new Error(`${key} cannot be retried: ${status}`);
  }
  return failed.map(({ key, error }) => `${key} (${error?.code})`);
}
