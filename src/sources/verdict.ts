import { type Failure, failureOf } from '../errors.ts'
import type { Count, FactState, ProofFacts, Remark, Verdict } from '../events.ts'

/** All that a verdict depends on. */
export interface Findings {
  readonly facts: ProofFacts
  /** What is wrong: differences, the first statement that did not load, a changed file. */
  readonly failures: readonly Remark[]
  /** Why something could not be told: no fingerprint, a missing extension, errors that were passed over. */
  readonly obstacles: readonly Remark[]
  /** What the manifest says that pg_dump left out. */
  readonly omitted: readonly Remark[]
  /** How many statements were spelled differently, and equal after the reload. */
  readonly respelled: number
}

export interface Judgement {
  readonly verdict: Verdict
  /** Empty if and only if it is proved. */
  readonly reasons: readonly Remark[]
  readonly notes: readonly string[]
}

/**
 * *Failed* when anything is wrong, *proved* only when all three facts hold and nothing stood in the way, else *could not
 * verify*: what was not seen is neither good nor bad.
 */
export function judge(findings: Findings): Judgement {
  const states = Object.values(findings.facts) as readonly FactState[]
  const notes = [...withoutNote(findings.omitted), ...respelledNote(findings.respelled)]
  if (findings.failures.length > 0 || states.includes('broken')) {
    return { verdict: 'failed', reasons: atLeastOne([...findings.failures, ...findings.obstacles], 'failed'), notes }
  }
  if (findings.obstacles.length > 0 || states.includes('unknown')) {
    return { verdict: 'could-not-verify', reasons: atLeastOne(findings.obstacles, 'could-not-verify'), notes }
  }
  return { verdict: 'proved', reasons: [], notes }
}

function withoutNote(omitted: readonly Remark[]): readonly string[] {
  return omitted.length === 0 ? [] : [withoutText(omitted)]
}

function withoutText(omitted: readonly Remark[]): string {
  const names = omitted.map(({ kind, name }) => (name === null ? kind : `${kind} ${name}`))
  return `without: ${names.join(', ')}`
}

/** What a person should know when PostgreSQL prints statements differently after a load. */
export function respelledNote(respelled: number): readonly string[] {
  if (respelled === 0) return []
  const statements = respelled === 1 ? '1 statement is' : `${respelled} statements are`
  return [`${statements} spelled differently by PostgreSQL after one load; loaded again, they are the same`]
}

/** What reading, loading and comparing one archive found. */
export interface ProofResult extends Judgement {
  readonly facts: ProofFacts
  readonly counts: readonly Count[]
  readonly restoreSeconds: number | null
}

export const NOTHING_KNOWN: ProofFacts = { isWhatWasDumped: 'unknown', loads: 'unknown', comesBack: 'unknown' }

/** A proof that did not come far enough to say that the archive comes back. */
export function couldNotVerify(reasons: readonly Remark[], facts: ProofFacts = NOTHING_KNOWN): ProofResult {
  const found = { notes: [], counts: [], restoreSeconds: null }
  return { verdict: 'could-not-verify', facts, reasons, ...found }
}

/** An error as a reason that may leave the pod. */
export function remarkOfError(error: unknown): Remark {
  return remarkOfFailure(failureOf(error))
}

function remarkOfFailure({ kind, object, sqlstate, message, hint }: Failure): Remark {
  return { kind, name: object, sqlstate, text: hint === null ? message : `${message}; ${hint}` }
}

/** A verdict without a reason would be no help; who calls gives one, and this is what is said if he does not. */
function atLeastOne(reasons: readonly Remark[], verdict: 'failed' | 'could-not-verify'): readonly Remark[] {
  if (reasons.length > 0) return reasons
  const text = verdict === 'failed' ? 'one of the three facts of a proof does not hold' : 'a fact could not be told'
  return [{ kind: 'proof', name: null, sqlstate: null, text }]
}
