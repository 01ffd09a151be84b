import { cutLines } from './wording/cut-lines.ts'
import { type Line, lineText, type Message } from './wording/message.ts'

/** Longest message of a Rocket.Chat server as it is set up by default, in UTF-16 units. */
const LONGEST_CHAT_TEXT = 5000

/** Title and lines for a chat server, at most `longest` long, with the middle cut out of one that is too long. */
export function chatText(message: Message, longest = LONGEST_CHAT_TEXT): string {
  return cutLines([chatLine(message.title), ...message.lines.map(chatLine)], longest)
}

/** One line for a chat server. */
export function chatLine(line: Line): string {
  return lineText(line, codeSpan)
}

/** Title and lines for machines and mails, which know no markup. */
export function plainText(message: Message, longest: number): string {
  return cutLines([plainLine(message.title), ...message.lines.map(plainLine)], longest)
}

export function plainLine(line: Line): string {
  return lineText(line, value => value)
}

/**
 * A value as inline code, in which Rocket.Chat, Slack and Mattermost interpret nothing, provided that it holds no
 * backtick. Mentions, Slack's `<!here>` and links are found even there by some versions: an invisible blank breaks them.
 */
function codeSpan(value: string): string {
  return `\`${withoutMarkup(value).replaceAll('`', 'ˋ')}\``
}

/** A value that stands where there is no inline code, such as the name of the environment in a title. */
export function bareValue(value: string): string {
  return withoutMarkup(value).replace(/[`*_~[\]|\\#]/g, ' ')
}

function withoutMarkup(value: string): string {
  return value.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('@', '@\u200B').replaceAll('://', ':\u200B//')
}
