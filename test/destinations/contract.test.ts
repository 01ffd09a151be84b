import { ftpsDestination } from '../../src/destinations/ftps.ts'
import { retrying } from '../../src/destinations/retrying.ts'
import { s3Destination } from '../../src/destinations/s3.ts'
import { sftpDestination } from '../../src/destinations/sftp/sftp.ts'
import { systemClock } from '../../src/system/clock.ts'
import { destinationSuite, type SuiteServer } from '../suites/destination-suite.ts'
import type { FtpServer } from '../support/ftp-server.ts'
import { type MemoryFolder, memoryDestination } from '../support/memory-destination.ts'
import { startProftpd } from '../support/proftpd.ts'
import { startS3Server } from '../support/s3-server.ts'
import { type SshServer, startProftpdSftp, startSshServer } from '../support/ssh-server.ts'
import { startVsftpd } from '../support/vsftpd.ts'

destinationSuite('the in-memory one', async () => memory())
destinationSuite('the in-memory one with retries', async () => {
  const inner = memory()
  return { ...inner, open: place => retrying(inner.open(place), { clock: systemClock }) }
})
destinationSuite('FM46 vsftpd with explicit TLS', async () => ftp(await startVsftpd()))
destinationSuite('FM46 vsftpd with implicit TLS', async () => ftp(await startVsftpd({ tls: 'implicit' })))
destinationSuite('FM46 ProFTPD with explicit TLS 1.3', async () => ftp(await startProftpd()))
destinationSuite('FM46 ProFTPD with implicit TLS 1.2', async () =>
  ftp(await startProftpd({ tls: 'implicit', tlsVersion: '1.2' })),
)
destinationSuite('FM229 SFTP with OpenSSH', async () => sftp(await startSshServer()))
destinationSuite('FM229 SFTP with OpenSSH in a chroot', async () => sftp(await startSshServer({ chroot: true })))
destinationSuite('FM229 SFTP with ProFTPD', async () => sftp(await startProftpdSftp('hunter2-for-copies')))
destinationSuite('S3', async () => {
  const server = await startS3Server()
  return {
    open: place => s3Destination(server.settings({ prefix: `${place}/` })),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
})

function memory(): SuiteServer {
  const folders = new Map<string, MemoryFolder>()
  return {
    open(place) {
      const folder = folders.get(place) ?? new Map()
      folders.set(place, folder)
      return memoryDestination(folder)
    },
    async [Symbol.asyncDispose]() {},
  }
}

function ftp(server: FtpServer): SuiteServer {
  return {
    open: place => ftpsDestination(server.settings({ folder: `/deep/${place}/` }), { clock: systemClock }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function sftp(server: SshServer): SuiteServer {
  return {
    open(place) {
      const { address, ...settings } = server.settings()
      const folder = `${address.folder.replace(/\/$/, '')}/deep/${place}`
      return sftpDestination({ ...settings, address: { ...address, folder } }, { clock: systemClock, env: process.env })
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
