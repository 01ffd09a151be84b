import type { Problem } from './problem.ts'
import { Secret } from './secret.ts'
import { readSecret, type SecretInput } from './secret-value.ts'
import { readValue, type SettingValues } from './setting-values.ts'
import { KIND_HELP, SETTINGS } from './settings-table.ts'

/** Proxies as undici takes them; null where there is none. */
export interface ProxySettings {
  readonly http: Secret | null
  readonly https: Secret | null
  /** NO_PROXY as it is. */
  readonly except: string | null
}

/** Whom to tell, and how. An address is as good as a password: who knows a webhook can write in its room. */
export interface NotificationSettings {
  readonly webhook: { readonly url: Secret; readonly format: 'form' | 'json' } | null
  readonly pagerDuty: { readonly url: Secret; readonly serviceKey: Secret } | null
  readonly healthcheckUrl: Secret | null
  readonly notifyOn: 'all' | 'changes' | 'failures'
  /** CONSOLE_URL with `{project}` filled in. */
  readonly consoleUrl: string | null
  readonly environmentName: string | null
  readonly environmentFriendlyName: string | null
  readonly proxies: ProxySettings
}

/** Reads whom to tell. What can't be used is a problem, and then that way of telling is off. */
export function readNotificationSettings(
  values: SettingValues,
  input: SecretInput,
): { readonly notifications: NotificationSettings; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const secret = (name: string): Secret | null => keep(readSecret(name, input), problems)
  const address = (name: string): Secret | null => checkedUrl(name, secret(name), problems)
  const webhookUrl = address('WEBHOOK_URL')
  const serviceKey = secret('PGDUTY_SVC_KEY')
  const eventsUrl = new Secret(values.PGDUTY_URL ?? SETTINGS.PGDUTY_URL.default)
  const notifications: NotificationSettings = {
    webhook: webhookUrl === null ? null : { url: webhookUrl, format: values.WEBHOOK_FORMAT ?? 'form' },
    pagerDuty: serviceKey === null ? null : { url: eventsUrl, serviceKey },
    healthcheckUrl: address('HEALTHCHECK_URL'),
    notifyOn: values.NOTIFY_ON ?? 'all',
    consoleUrl: consoleUrl(values),
    environmentName: values.ENVIRONMENT_NAME,
    environmentFriendlyName: values.ENVIRONMENT_FRIENDLY_NAME,
    proxies: {
      http: proxy('HTTP_PROXY', input, problems),
      https: proxy('HTTPS_PROXY', input, problems),
      except: input.env.no_proxy ?? values.NO_PROXY,
    },
  }
  return { notifications, problems }
}

/** Every text in these settings that no log line may hold: whole addresses, and the parts of them that open a door. */
export function notificationSecrets(settings: NotificationSettings): readonly string[] {
  const { webhook, pagerDuty, healthcheckUrl, proxies } = settings
  const addresses = [webhook?.url, healthcheckUrl, proxies.http, proxies.https].flatMap(each => each?.reveal() ?? [])
  const key = pagerDuty === null ? [] : [pagerDuty.serviceKey.reveal()]
  return [...new Set([...key, ...addresses.flatMap(partsOf)])]
}

/** Whether both tell the same people by the same addresses and keys. */
export function tellsTheSame(a: NotificationSettings, b: NotificationSettings): boolean {
  const text = (settings: NotificationSettings): string => JSON.stringify([settings, notificationSecrets(settings)])
  return text(a) === text(b)
}

/** Shorter ones are words, such as `services`, and not what makes an address secret. */
const SHORTEST_PART = 12

function partsOf(address: string): readonly string[] {
  const { pathname, search, username, password } = new URL(address)
  const parts = [pathname, search, ...pathname.split('/'), username, password]
  return [address, ...parts.filter(part => part.length >= SHORTEST_PART)]
}

function keep(found: ReturnType<typeof readSecret>, problems: Problem[]): Secret | null {
  problems.push(...found.problems)
  return found.value === null ? null : new Secret(found.value.trim())
}

/** Never quotes what it found, as a problem with another setting does. */
function checkedUrl(place: string, secret: Secret | null, problems: Problem[]): Secret | null {
  if (secret === null || 'value' in readValue('URL', place, secret.reveal())) return secret
  const hint = 'until then nothing is sent there'
  problems.push({ severity: 'problem', place, text: `it cannot be used; expected ${KIND_HELP.URL}`, hint })
  return null
}

/** The name in small letters wins, as with curl; `proxy:3128` means http://proxy:3128. */
function proxy(name: string, input: SecretInput, problems: Problem[]): Secret | null {
  const small = input.env[name.toLowerCase()]
  const secret = small === undefined ? keep(readSecret(name, input), problems) : new Secret(small)
  if (secret === null) return null
  const text = secret.reveal()
  return checkedUrl(name, new Secret(text.includes('://') ? text : `http://${text}`), problems)
}

function consoleUrl(values: SettingValues): string | null {
  return values.CONSOLE_URL?.replaceAll('{project}', encodeURIComponent(values.ENVIRONMENT_NAME ?? '')) ?? null
}
