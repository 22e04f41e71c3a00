/** A real turborepo-remote-cache, with the variables of its Secret. */
import { freePort, Service } from '../cluster/processes.ts'
import { remoteCacheMain } from '../cluster/tools.ts'
