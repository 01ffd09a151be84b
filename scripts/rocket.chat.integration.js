// For Rocket.Chat: Administration, Workspace, Integrations, New, Incoming. Switch the script on, paste this file, and give
// the webhook's address to the backup container as WEBHOOK_URL. It takes both forms that WEBHOOK_FORMAT can send.

/**
 * Where a message links to; `{project}` stands for ENVIRONMENT_NAME. Empty: no link, unless the post brings one (set
 * CONSOLE_URL in the container for that). An example: https://console.example.org/k8s/cluster/projects/{project}
 */
const CONSOLE_URL = ''

/** Green, amber, red. A status that is not known is shown as an error: somebody should look. */
const STATUS = {
  INFO: { color: '#2e7d32', sign: ':white_check_mark:' },
  WARN: { color: '#f9a825', sign: ':warning:' },
  ERROR: { color: '#c62828', sign: ':rotating_light:' },
}

const LONGEST_MESSAGE = 5000

// Rocket.Chat makes one of these for each webhook, and calls its one method for each post.
// biome-ignore lint/correctness/noUnusedVariables: Rocket.Chat finds the class by its name
class Script {
  process_incoming_request({ request }) {
    const post = readPost(request.content)
    if (post.message === '') {
      return {
        error: { success: false, message: 'the post has no message; expected projectName, statusCode and message' },
      }
    }
    const status = STATUS[post.statusCode] || STATUS.ERROR
    const [title, ...lines] = post.message.split('\n')
    const attachment = { color: status.color, title: post.name || post.statusCode, text: lines.join('\n') }
    const link = linkOf(post)
    if (link !== '') attachment.title_link = link
    return { content: { text: `${status.sign} ${title}`, attachments: [attachment] } }
  }
}

/** The four fields of a post, each a text, whatever was sent. */
function readPost(content) {
  const fields = content || {}
  const text = name => (typeof fields[name] === 'string' ? fields[name] : '')
  return {
    name: withoutMarkup(text('projectFriendlyName') || text('projectName')),
    project: text('projectName'),
    statusCode: text('statusCode'),
    message: cut(text('message')),
    consoleUrl: text('consoleUrl'),
  }
}

/** The sender keeps to the limit; whoever else posts here may not. The end says most, so it is kept. */
function cut(message) {
  if (message.length <= LONGEST_MESSAGE) return message
  const half = LONGEST_MESSAGE / 2 - 10
  return `${message.slice(0, half)}\n…\n${message.slice(-half)}`
}

/** A name in a title: no mention, no markup. */
function withoutMarkup(name) {
  return name.replace(/[`*_~[\]<>|\\\r\n]/g, ' ').replace(/@/g, '@\u200B')
}

/** Only an http or https address becomes a link. */
function linkOf(post) {
  const link = CONSOLE_URL === '' ? post.consoleUrl : CONSOLE_URL.replace('{project}', encodeURIComponent(post.project))
  return /^https?:\/\/\S+$/.test(link) ? link : ''
}
