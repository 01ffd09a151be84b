import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export interface TemplateParameter {
  readonly name: string
  readonly description?: string
  readonly required?: boolean
  readonly value?: string
}

export interface Template {
  readonly objects: readonly unknown[]
  readonly parameters: readonly TemplateParameter[]
}

/** The objects that `oc process` would make, and what is wrong with the parameters, in its words where it has any. */
export interface ProcessedTemplate {
  readonly objects: readonly unknown[]
  readonly problems: readonly string[]
}

const WHOLE = /^\$\{\{([A-Za-z0-9_]+)\}\}$/
const PART = /\$\{([A-Za-z0-9_]+)\}/g

export function readTemplate(path: string): Template {
  return parse(readFileSync(path, 'utf8')) as Template
}

/** Puts parameters in as OpenShift does: `${P}` as text inside a string, `${{P}}` in the place of the whole value. */
export function processTemplate(template: Template, given: Readonly<Record<string, string>> = {}): ProcessedTemplate {
  const values = new Map(template.parameters.map(({ name, value }) => [name, given[name] ?? value ?? '']))
  const used = new Set<string>()
  const lookUp = (name: string): string => {
    used.add(name)
    return values.get(name) ?? ''
  }
  const objects = template.objects.map(object => substitute(object, lookUp))
  const problems = [
    ...Object.keys(given).flatMap(name => (values.has(name) ? [] : [`unknown parameter name ${name}`])),
    ...template.parameters.flatMap(({ name, required }) =>
      required === true && values.get(name) === '' ? [`parameter ${name} is required and must be specified`] : [],
    ),
    ...[...used].flatMap(name => (values.has(name) ? [] : [`${name} is used and is no parameter`])),
    ...[...values.keys()].flatMap(name => (used.has(name) ? [] : [`${name} is a parameter and is not used`])),
  ]
  return { objects, problems }
}

function substitute(value: unknown, lookUp: (name: string) => string): unknown {
  if (typeof value === 'string') return substituteText(value, lookUp)
  if (Array.isArray(value)) return value.map(each => substitute(each, lookUp))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, substitute(each, lookUp)]))
}

function substituteText(text: string, lookUp: (name: string) => string): unknown {
  const whole = WHOLE.exec(text)?.[1]
  if (whole === undefined) return text.replace(PART, (_, name: string) => lookUp(name))
  // As OpenShift does it: JSON where it is JSON, else the text.
  try {
    return JSON.parse(lookUp(whole))
  } catch {
    return lookUp(whole)
  }
}
