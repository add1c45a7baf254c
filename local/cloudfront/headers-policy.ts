type Headers = Readonly<Record<string, string>>;

export interface PolicyHeader {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
  /** Whether it replaces what the origin sent under this name. */
  readonly override: boolean;
}
export interface HeadersPolicy {
  readonly headers: readonly PolicyHeader[];
  /** Names in lower case that are taken out of what the origin sent. */
  readonly remove: readonly string[];
}

/** What a viewer gets of the origin's headers. */
export function applyPolicy(policy: HeadersPolicy | undefined, ofOrigin: Headers): Headers {
  if (!policy) return ofOrigin;
  const kept = Object.entries(ofOrigin).filter(([name]) => !policy.remove.includes(name));
  const added = policy.headers.filter(({ name, override }) => override || !(name in ofOrigin));
  return { ...Object.fromEntries(kept), ...Object.fromEntries(added.map(({ name, value }) => [name, value])) };
}
