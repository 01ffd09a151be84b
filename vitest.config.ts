import { defineConfig } from 'vitest/config'

// Two cores, and most integration files start a PostgreSQL of their own.
const shared = { testTimeout: 60_000, hookTimeout: 120_000, maxWorkers: 2 }

// Of the other tests those that are to hold on PostgreSQL 17, under Landlock and for a user without a name, too.
const ALSO_IN_TRIXIE = [
  'test/corpus/admin.test.ts',
  'test/slow/corpus-owned.test.ts',
  'test/slow/corpus-sources.test.ts',
]

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/slow/**', 'test/trixie/**', 'test/container/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'slow',
          include: ['test/slow/**/*.test.ts'],
          testTimeout: 900_000,
          fileParallelism: false,
        },
      },
      // Run in Debian trixie, as an arbitrary user, by scripts/test-slow: what needs Landlock or PostgreSQL 17, and what is
      // to hold there as it does on this machine.
      {
        test: {
          ...shared,
          name: 'trixie',
          include: ['test/trixie/**/*.test.ts', ...ALSO_IN_TRIXIE],
          testTimeout: 300_000,
        },
      },
      // Needs an image: scripts/image-test builds it.
      {
        test: {
          ...shared,
          name: 'container',
          include: ['test/container/**/*.test.ts'],
          testTimeout: 300_000,
          maxConcurrency: 2,
        },
      },
    ],
  },
})
