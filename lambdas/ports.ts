/** What the stories need of the world outside: small interfaces, whose adapters are in `adapters/`. */
export * from './ports/bucket.ts';
export * from './ports/conversations.ts';
export * from './ports/documents.ts';
export * from './ports/embedding-archive.ts';
export * from './ports/keys.ts';
export * from './ports/models.ts';
export * from './ports/tokens.ts';
export * from './ports/usage.ts';
export * from './ports/vectors.ts';
export * from './ports/work.ts';
