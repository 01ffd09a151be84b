/** Node 24.20 is the first whose zlib notices a cut zstd stream, and older ones do not run TypeScript as it stands. */
const OLDEST = { major: 24, minor: 20 }

/** What is wrong with a Node version such as `24.21.0`, or null if the program runs on it. */
export function nodeVersionProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return null
  return `Node ${version}; expected ${OLDEST.major}.${OLDEST.minor} or newer`
}
