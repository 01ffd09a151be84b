import { setTimeout as pause } from 'node:timers/promises'

/** Asks every 20 ms until the answer is yes; throws after a minute. */
export async function untilTrue(question: () => boolean | Promise<boolean>): Promise<void> {
  for (let asked = 0; asked < 3_000; asked += 1) {
    if (await question()) return
    await pause(20)
  }
  throw new Error(`not true within a minute: ${question}`)
}
