/** A session that tells what another one tells, and does something around each of its calls. */
import type { Session, SharedSession } from '../provider.ts'

export type SessionCall = 'probe' | 'grant' | 'tryIssued' | 'prepare' | 'resources' | 'measure'

/** Makes a call of a session, by its name. */
export type Around = <T>(name: SessionCall, call: () => Promise<T>) => Promise<T>

/** `told`: whose words it has, and what it closes. `session`: what is called. */
export function sessionFacade(told: SharedSession, session: Session, around: Around): SharedSession {
  return {
    get caller() {
      return told.caller
    },
    get principal() {
      return told.principal
    },
    get expiresAt() {
      return told.expiresAt
    },
    get unproven() {
      return told.unproven
    },
    get refusedAt() {
      return told.refusedAt
    },
    get trouble() {
      return told.trouble
    },
    probe: (...of) => around('probe', () => session.probe(...of)),
    grant: (...of) => around('grant', () => session.grant(...of)),
    tryIssued: (...of) => around('tryIssued', () => session.tryIssued(...of)),
    prepare: (...of) => around('prepare', () => session.prepare(...of)),
    resources: (...of) => around('resources', () => session.resources(...of)),
    measure: (...of) => around('measure', () => session.measure(...of)),
    close: () => told.close(),
  }
}
