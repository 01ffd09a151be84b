import { readFileSync } from 'node:fs'
import { Fingerprinter } from '../../src/proof/fingerprint.ts'

// The fingerprint of a dump with 250 000 large objects; prints by how many MB its own memory has grown at its peak.

const OBJECTS = 250_000

const before = peakMb()
const fingerprinter = new Fingerprinter({ clientEncoding: 'UTF8' })
feed('SET standard_conforming_strings = on;\n')
each(oid => `SELECT pg_catalog.lo_create('${oid}');\n\n\nALTER LARGE OBJECT ${oid} OWNER TO postgres;\n\n`)
each(
  oid =>
    `SELECT pg_catalog.lo_open('${oid}', 131072);\nSELECT pg_catalog.lowrite(0, '\\x${'ab'.repeat(40)}');\nSELECT pg_catalog.lo_close(0);\n\n`,
)
const { fingerprint } = fingerprinter.end()
process.stdout.write(JSON.stringify({ objects: fingerprint.largeObjects.count, grownMb: peakMb() - before }))

function each(text: (oid: number) => string): void {
  for (let oid = 16_400; oid < 16_400 + OBJECTS; oid += 100)
    feed(Array.from({ length: 100 }, (_, index) => text(oid + index)).join(''))
}

function feed(text: string): void {
  fingerprinter.write(Buffer.from(text))
}

function peakMb(): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
}
