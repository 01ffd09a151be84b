import { problemTexts } from '../config/problem.ts'
import { type ExitCode, exitCodeOf } from '../exit-codes.ts'
import type { Delivery } from '../notifications/delivery.ts'
import type { Context } from './context.ts'

/**
 * Sends one of each by every configured way, and prints what came back. Resolves with 0 when all arrived, with 1 when
 * something did not, and with 10 when nothing is configured or the configuration has problems.
 */
export async function testNotifications(
  context: Pick<Context, 'configuration' | 'notifications' | 'screen'>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { configuration, notifications, screen } = context
  notifications.tell({ type: 'test' })
  const deliveries = await notifications.settle(signal)
  for (const delivery of deliveries) screen.print(lineOf(delivery))
  if (deliveries.length === 0) screen.print('nothing is configured: set WEBHOOK_URL, PGDUTY_SVC_KEY or HEALTHCHECK_URL')
  const problems = problemTexts(configuration.problems)
  for (const problem of problems) screen.print(`problem      ${problem}`)
  const codes: ExitCode[] = deliveries.length === 0 || problems.length > 0 ? [10] : []
  return exitCodeOf(deliveries.every(delivery => delivery.state === 'delivered') ? codes : [1, ...codes])
}

function lineOf({ channel, kind, state, detail }: Delivery): string {
  const later = state === 'waiting' ? '; the next run tries again' : ''
  return `${channel.padEnd(11)}  ${kind} ${state}: ${detail}${later}`
}
