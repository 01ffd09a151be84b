import type { NotificationSettings } from '../config/notification-settings.ts'
import type { Post, Sender } from './http-post.ts'
import { bareValue, chatLine, chatText } from './message-text.ts'
import type { Level } from './notice.ts'
import type { Notifier } from './notifier.ts'
import type { Message } from './wording/message.ts'

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
export function chatBody(message: Message, format: 'form' | 'json', names: Names): Omit<Post, 'url'> {
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
