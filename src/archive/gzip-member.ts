/** One gzip member (RFC 1952) that is being appended to a file. */
export interface GzipMember {
  /** Takes the next bytes; resolves when more may come, so that memory stays bounded. The chunk may be kept until then. */
  write(chunk: Buffer): Promise<void>
  /** Resolves when every byte of the member has been written to the file; rejects if the compressor failed. */
  end(): Promise<void>
  /**
   * Gives the member up where something else failed: resolves when nothing of it is running any more, with the reason if
   * the compressor had ended by itself before, else null.
   */
  abandon(): Promise<Error | null>
}
