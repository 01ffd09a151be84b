import { z } from 'zod'

const metadata = z.strictObject({
  name: z.string().min(1),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
})

const parameter = z.strictObject({
  name: z.string().regex(/^[A-Z0-9_]+$/),
  displayName: z.string().optional(),
  description: z.string().min(1),
  value: z.string().optional(),
  required: z.boolean().optional(),
})

const quantities = z.strictObject({ cpu: z.string(), memory: z.string() })

const dockerStrategy = z.strictObject({
  dockerfilePath: z.string().optional(),
  buildArgs: z.array(z.strictObject({ name: z.string(), value: z.string().min(1) })).optional(),
})

const buildConfig = z.strictObject({
  runPolicy: z.enum(['Serial', 'SerialLatestOnly', 'Parallel']).optional(),
  triggers: z.array(z.strictObject({ type: z.enum(['ConfigChange', 'ImageChange']) })),
  source: z.strictObject({
    type: z.literal('Git'),
    git: z.strictObject({ uri: z.string().min(1), ref: z.string().optional() }),
    contextDir: z.string().optional(),
  }),
  strategy: z.strictObject({ type: z.literal('Docker'), dockerStrategy }),
  output: z.strictObject({
    to: z.strictObject({ kind: z.literal('ImageStreamTag'), name: z.string().regex(/^[^:]+:[^:]+$/) }),
  }),
  resources: z.strictObject({ requests: quantities, limits: quantities }).optional(),
})

/** The shapes of OpenShift's own kinds, as far as our manifests use them: its API has no schema in a package. */
export const OPENSHIFT_KINDS: Readonly<Record<string, z.ZodType>> = {
  'template.openshift.io/v1 Template': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    objects: z.array(z.unknown()).min(1),
    parameters: z.array(parameter),
  }),
  'image.openshift.io/v1 ImageStream': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: z.strictObject({ lookupPolicy: z.strictObject({ local: z.boolean() }) }),
  }),
  'build.openshift.io/v1 BuildConfig': z.strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata,
    spec: buildConfig,
  }),
}
