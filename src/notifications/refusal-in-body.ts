/** What a body means under a status of success. `page`: nobody who takes messages answered, but a web page. */
export type BodyMeaning = 'yes' | 'no' | 'not-now' | 'page'

// An empty body, a text such as Slack's "ok" (sent as text/html) and JSON that says nothing about success are all a yes.
// A comment ends at its first end and nowhere else: with a choice, a long body could cost the time of all choices.
const PAGE = /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--((?!-->)[\s\S])*-->\s*)*<(!doctype\s+html|html|head|body|title|meta)\b/i
const TOO_MANY = /too[ _-]?many[ _-]?requests|rate[ _-]?limit/i

// JSON is looked through as text, as only its beginning was read, and not all who answer write it well. A quote behind a
// backslash is in a text: somebody repeats what he got.
/** Rocket.Chat has `success`, Slack and Telegram `ok`. */
const REFUSED = /(?<!\\)"(success|ok)"\s*:\s*"?(f|0|no\b)/i
const ACCEPTED = /(?<!\\)"(success|ok)"\s*:\s*"?(true|1)/i
/** PagerDuty has it in words, others as a number; chat servers call numbers of their own `errcode`. */
const BAD_STATUS =
  /(?<!\\)"(status|status_?code|errcode)"\s*:\s*"?[4-9]\d\d|(?<!\\)"status"\s*:\s*"(error|fail|invalid|denied|unauthorized|forbidden)/i
const NAMES_AN_ERROR = /(?<!\\)"errors?"\s*:(?!\s*(null|false|0\b|""|\[\s*\]|\{\s*\}|$))/i
/** Slack answers by a word such as `no_service`; healthchecks.io `OK (not found)`; Microsoft Teams by a sentence. */
const ERROR_TEXT =
  /^["[\s]*(error|fail|invalid|denied|unauthori[sz]ed|forbidden|missing|no_|not[ _]|too[ _]many|ok \(rate|webhook message delivery failed)|([ _(]not[ _]found|_(archived|denied|disabled|error|failed|prohibited))\)?["\]\s]*$/i

/** Reads a body that came with a status of success: servers say no in it, and gates before them show a page to log in. */
export function meaningOfBody(body: string): BodyMeaning {
  if (PAGE.test(body)) return 'page'
  if (!saysNo(body.trim())) return 'yes'
  return TOO_MANY.test(body) ? 'not-now' : 'no'
}

function saysNo(text: string): boolean {
  if (REFUSED.test(text) || BAD_STATUS.test(text) || ERROR_TEXT.test(text)) return true
  return NAMES_AN_ERROR.test(text) && !ACCEPTED.test(text)
}
