import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'

/** A self-signed certificate for `host` and its key, in PEM format, made in this folder. */
export function makeCertificate(
  folder: string,
  host: string,
): { readonly certificate: string; readonly key: string; readonly file: string } {
  const key = path.join(folder, 'made.key')
  const file = path.join(folder, 'made.crt')
  const name = /^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30']
  execFileSync(
    'openssl',
    [...args, '-subj', `/CN=${host}`, '-addext', `subjectAltName=${name}`, '-keyout', key, '-out', file],
    { stdio: 'ignore' },
  )
  return { certificate: readFileSync(file, 'utf8'), key: readFileSync(key, 'utf8'), file }
}
