import { z } from 'zod'
import { containerOf, nameOf, podSpecsOf } from './pods.ts'

const labels = z.record(z.string(), z.string())
const selector = z.looseObject({ matchLabels: labels })
const meta = z.looseObject({ metadata: z.looseObject({ labels }) })
const deployment = z.looseObject({ kind: z.literal('Deployment'), spec: z.looseObject({ selector, template: meta }) })
const cronJob = z.looseObject({
  kind: z.literal('CronJob'),
  spec: z.looseObject({ jobTemplate: z.looseObject({ spec: z.looseObject({ template: meta }) }) }),
})
const job = z.looseObject({ kind: z.literal('Job'), spec: z.looseObject({ template: meta }) })
const service = z.looseObject({
  kind: z.literal('Service'),
  metadata: z.looseObject({ labels }),
  spec: z.looseObject({ selector: labels, ports: z.array(z.looseObject({ targetPort: z.string() })) }),
})
const policy = z.looseObject({
  kind: z.literal('NetworkPolicy'),
  spec: z.looseObject({
    podSelector: selector,
    ingress: z
      .array(
        z.looseObject({
          from: z.array(z.looseObject({ podSelector: selector.optional() })),
          ports: z.array(z.looseObject({ port: z.union([z.string(), z.number()]) })).optional(),
        }),
      )
      .default([]),
  }),
})
const monitor = z.looseObject({
  kind: z.literal('ServiceMonitor'),
  spec: z.looseObject({ selector, endpoints: z.array(z.looseObject({ port: z.string() })) }),
})

type Labels = Readonly<Record<string, string>>

/**
 * What names something that is not there: a selector that selects no pod of ours, a port without a name, a claim, config
 * map or secret of ours that no object makes. Each kind of object may be missing, but none may point into the void.
 */
export function wiringProblems(objects: readonly unknown[]): readonly string[] {
  const pods = podLabels(objects)
  const selects = (wanted: Labels): boolean => pods.some(each => contains(each, wanted))
  const ports = podSpecsOf(objects).flatMap(pod => containerOf(pod).ports.map(port => port.name))
  const services = parsed(service, objects)
  return [
    ...parsed(deployment, objects).map(
      each => ['Deployment selector', selects(each.spec.selector.matchLabels)] as const,
    ),
    ...services.map(each => ['Service selector', selects(each.spec.selector)] as const),
    ...services.flatMap(each =>
      each.spec.ports.map(port => ['Service port', ports.includes(port.targetPort)] as const),
    ),
    ...parsed(policy, objects).flatMap(each => policyRules(each, selects)),
    ...parsed(monitor, objects).map(({ spec }) => {
      const found = services.filter(each => contains(each.metadata.labels, spec.selector.matchLabels))
      return ['ServiceMonitor selects one Service', found.length === 1] as const
    }),
  ].flatMap(([rule, holds]) => (holds ? [] : [rule]))
}

/** A policy lets our pods into others, or others into ours. */
function policyRules(
  { spec }: z.output<typeof policy>,
  selects: (wanted: Labels) => boolean,
): readonly (readonly [string, boolean])[] {
  const from = spec.ingress.flatMap(rule =>
    rule.from.flatMap(each => (each.podSelector === undefined ? [] : [each.podSelector.matchLabels])),
  )
  const isAboutUs = selects(spec.podSelector.matchLabels) || (from.length > 0 && from.every(selects))
  return [['NetworkPolicy is about our pods', isAboutUs]]
}

function podLabels(objects: readonly unknown[]): readonly Labels[] {
  return [
    ...parsed(deployment, objects).map(each => each.spec.template.metadata.labels),
    ...parsed(job, objects).map(each => each.spec.template.metadata.labels),
    ...parsed(cronJob, objects).map(each => each.spec.jobTemplate.spec.template.metadata.labels),
  ]
}

function parsed<Shape extends z.ZodType & { shape: { kind: z.ZodLiteral<string> } }>(
  shape: Shape,
  objects: readonly unknown[],
): readonly z.output<Shape>[] {
  return objects.filter(object => nameOf(object).kind === shape.shape.kind.value).map(object => shape.parse(object))
}

function contains(all: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => all[key] === value)
}
