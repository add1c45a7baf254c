/** Lower case, without the dot; empty when the name has none. */
export function extensionOf(key: string): string {
  const name = fileNameOf(key);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
}

/** Without folders. */
export const fileNameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
