/** Settings that the bash tool's template writes into the container as they are. */
const VALUES = [
  'BACKUP_STRATEGY',
  'BACKUP_DIR',
  'NUM_BACKUPS',
  'DAILY_BACKUPS',
  'WEEKLY_BACKUPS',
  'MONTHLY_BACKUPS',
  'BACKUP_PERIOD',
  'DATABASE_SERVICE_NAME',
  'DATABASE_NAME',
  'MONGODB_AUTHENTICATION_DATABASE',
  'TABLE_SCHEMA',
  'ENVIRONMENT_FRIENDLY_NAME',
  'ENVIRONMENT_NAME',
]

/** Those that it takes from Secrets, with Secret and key. */
const REFERENCES: Readonly<Record<string, readonly [secret: string, key: string]>> = {
  DATABASE_USER: ['postgresql', 'database-user'],
  DATABASE_PASSWORD: ['postgresql', 'database-password'],
  FTP_URL: ['ftp-secret', 'ftp-url'],
  FTP_USER: ['ftp-secret', 'ftp-user'],
  FTP_PASSWORD: ['ftp-secret', 'ftp-password'],
  WEBHOOK_URL: ['backup-postgres', 'webhook-url'],
}

const NAME = 'backup-postgres'
const CONFIG = `${NAME}-config-volume`
const LABELS = { name: NAME, app: 'backup-container', role: 'backup-container', env: 'dev' }

/**
 * The Deployment that the bash tool's template makes with its defaults, as it stands in a cluster: names, labels, selector,
 * variables, mounts and volumes of `openshift/templates/backup/backup-deploy.yaml` in bcgov/backup-container.
 */
export function bashToolDeployment(): unknown {
  return {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name: NAME, labels: LABELS },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: { name: NAME } },
      template: { metadata: { name: NAME, labels: LABELS }, spec: { volumes: volumes(), containers: [container()] } },
    },
  }
}

function container(): unknown {
  const references = Object.entries(REFERENCES).map(([name, [secret, key]]) => {
    return { name, valueFrom: { secretKeyRef: { name: secret, key } } }
  })
  return {
    name: NAME,
    image: 'ghcr.io/bcgov/backup-container:latest',
    env: [...VALUES.map(name => ({ name, value: 'set by the other' })), ...references],
    resources: { requests: { cpu: '0', memory: '0' }, limits: { cpu: '0', memory: '0' } },
    volumeMounts: [
      { name: 'backup', mountPath: '/backups/' },
      { name: 'backup-verification', mountPath: '/var/lib/pgsql/data' },
      { name: CONFIG, mountPath: '/backup.conf', subPath: 'backup.conf' },
    ],
  }
}

function volumes(): readonly unknown[] {
  return [
    { name: 'backup', persistentVolumeClaim: { claimName: 'backup' } },
    { name: 'backup-verification', persistentVolumeClaim: { claimName: 'backup-verification' } },
    { name: CONFIG, configMap: { name: 'backup-conf', items: [{ key: 'backup.conf', path: 'backup.conf' }] } },
  ]
}
