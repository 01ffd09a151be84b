import type { Client } from 'basic-ftp'
import type { FtpSettings } from '../config/destination-settings.ts'
import type { Clock } from '../system/clock.ts'
import { type FtpStep, ftpFailure, replyCode } from './ftps-failure.ts'
import { type LoginOptions, logIn } from './ftps-login.ts'
import { createSharedLine, type SharedLine } from './shared-line.ts'

/** The control connection to an FTP server. */
export function createFtpLine(
  settings: FtpSettings,
  options: LoginOptions & { readonly clock: Clock },
): SharedLine<Client, FtpStep> {
  const { place, clock } = options
  return createSharedLine<Client, FtpStep>({
    clock,
    open: signal => logIn(settings, options, signal),
    isClosed: client => client.closed,
    close: client => client.close(),
    isAnswer: error => replyCode(error) !== null,
    explain: (step, error) => ftpFailure({ place, password: settings.password }, step, error),
  })
}
