import { defineConfig } from 'vitest/config'

// Two cores, and most integration files start a PostgreSQL of their own.
const shared = { testTimeout: 60_000, hookTimeout: 120_000, maxWorkers: 2 }

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
      // Needs what only Debian trixie has: scripts/test-slow runs it there, as an arbitrary user.
      {
        test: {
          ...shared,
          name: 'trixie',
          include: ['test/trixie/**/*.test.ts'],
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
