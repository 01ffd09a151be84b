import type { NotificationSettings } from '../config/notification-settings.ts'
import type { HttpPost, Sender } from './http-post.ts'
import type { Notifier } from './notifier.ts'
import { cutLines } from './wording/cut-lines.ts'
import { type Level, type Line, lineText, type Message } from './wording/message.ts'

/** Posts messages to an incoming webhook. */
export function createChat(
  webhook: NonNullable<NotificationSettings['webhook']>,
  settings: NotificationSettings,
  send: Sender,
): Notifier {
  return {
    channel: 'chat',
    kind: 'message',
    tell: ({ message }, signal) => send({ url: webhook.url, ...chatBody(message, webhook.format, settings) }, signal),
  }
}

type Names = Pick<NotificationSettings, 'environmentName' | 'environmentFriendlyName' | 'consoleUrl'>

/** The body of a post: the four fields of the bash tool, and as JSON what chat servers understand without a script. */
export function chatBody(message: Message, format: 'form' | 'json', names: Names): Omit<HttpPost, 'url'> {
  const fields = {
    projectFriendlyName: names.environmentFriendlyName ?? '',
    projectName: names.environmentName ?? '',
    statusCode: message.level,
    message: chatText(message),
    ...(names.consoleUrl === null ? {} : { consoleUrl: names.consoleUrl }),
  }
  if (format === 'form') {
    return { contentType: 'application/x-www-form-urlencoded', body: new URLSearchParams(fields).toString() }
  }
  return { contentType: 'application/json', body: JSON.stringify({ ...richBody(message, names), ...fields }) }
}

const COLORS: Readonly<Record<Level, string>> = { INFO: '#2e7d32', WARN: '#f9a825', ERROR: '#c62828' }

function richBody(message: Message, names: Names): Readonly<Record<string, unknown>> {
  const project = bareValue(names.environmentFriendlyName ?? names.environmentName ?? '')
  const title = chatLine(message.title)
  const attachment = {
    color: COLORS[message.level],
    title: project === '' ? message.level : `${message.level} ${project}`,
    ...(names.consoleUrl === null ? {} : { title_link: names.consoleUrl }),
    text: chatText({ ...message, title: [] }).replace(/^\n/, ''),
    fields: [],
  }
  return { text: project === '' ? title : `${project}: ${title}`, attachments: [attachment] }
}

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
