import { defineConfig } from 'vitest/config';

/**
 * unit: stories and pure functions, with fakes. contract: one suite per port, run on every adapter.
 * cloud: the local cloud's own servers with real SDK clients, and Groundwork end to end on it.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/contracts/**', 'test/local/**', 'test/cloud/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: { name: 'contract', include: ['test/contracts/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        test: {
          name: 'cloud',
          include: ['test/local/**/*.test.ts', 'test/cloud/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
