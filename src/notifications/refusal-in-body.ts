/** What a body means under a status of success. `page`: nobody who takes messages answered, but a web page. */
export type BodyMeaning = 'yes' | 'no' | 'not-now' | 'page'

// An empty body, a text such as Slack's "ok" (sent as text/html) and JSON that says nothing about success are all a yes.
// A comment ends at its first end and nowhere else: with a choice, a long body could cost the time of all choices.
const PAGE = /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--((?!-->)[\s\S])*-->\s*)*<(!doctype\s+html|html|head|body|title|meta)\b/i
const TOO_MANY = /too[ -]?many[ -]?requests|rate[ -_]?limit/i
// healthchecks.io answers 200 to a check that it does not know, and to one that is called too often.
const UNKNOWN_CHECK = /^OK \(not found\)/i
// Microsoft Teams answered 200 with these words.
const UNDELIVERED = /^Webhook message delivery failed/i
const FAILED = /^(error|fail|invalid|denied|unauthorized|forbidden)/i

/** Reads a body that came with a status of success: servers say no in it, and gates before them show a page to log in. */
export function meaningOfBody(body: string): BodyMeaning {
  if (PAGE.test(body)) return 'page'
  if (!saysNo(body)) return 'yes'
  return TOO_MANY.test(body) ? 'not-now' : 'no'
}

function saysNo(body: string): boolean {
  const text = body.trim()
  if (!text.startsWith('{')) return UNKNOWN_CHECK.test(text) || UNDELIVERED.test(text) || /^OK \(rate/i.test(text)
  const answer = objectIn(text)
  return answer !== null && isRefusal(answer)
}

/** Rocket.Chat has `success`, Slack and Telegram `ok`, PagerDuty `status`, others `error` or `errors`. */
function isRefusal(answer: Readonly<Record<string, unknown>>): boolean {
  const verdicts = [answer.success, answer.ok]
  if (verdicts.some(verdict => verdict === false || verdict === 'false')) return true
  if (typeof answer.status === 'string' && FAILED.test(answer.status)) return true
  if (typeof answer.status === 'number' && answer.status >= 400) return true
  return !verdicts.includes(true) && (isSomething(answer.error) || isSomething(answer.errors))
}

function isSomething(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '' || value === 0) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}

/** Null for what is no JSON object, such as one of which only the beginning was read. */
function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return null
  }
}
