import { defineConfig } from 'vitest/config';

/**
 * unit: stories and pure functions, with fakes. contract: one suite per port, run on every adapter. local: the local
 * cloud's servers with real SDK clients. files: every file of the larger test data, as it is and damaged. cloud: Groundwork
 * end to end on the local cloud. reliability: the same under faults. browser: its page in Chromium.
 */
export default defineConfig({
  test: {
    // Three files at a time, also with two cores: most of what the slow ones do is wait.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [
            'test/contracts/**',
            'test/local/**',
            'test/files/**',
            'test/cloud/**',
            'test/browser/**',
            'test/reliability/**',
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: { name: 'contract', include: ['test/contracts/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      { test: { name: 'local', include: ['test/local/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: 'files', include: ['test/files/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: {
          name: 'cloud',
          include: ['test/cloud/**/*.test.ts'],
          globalSetup: ['test/cloud/support/assembly.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        // After all others, and one file at a time: it takes all that a machine with two cores has.
        test: {
          name: 'reliability',
          include: ['test/reliability/**/*.test.ts'],
          globalSetup: ['test/cloud/support/assembly.ts'],
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          hookTimeout: 180_000,
        },
      },
      {
        // One stack for all, visited one file at a time.
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/browser/support/site-setup.ts'],
          sequence: { groupOrder: 2 },
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
