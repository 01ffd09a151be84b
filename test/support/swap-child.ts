// Swaps two databases in a process of its own, so that a test can kill it. SWAP holds the input, PASSWORD the admin's.
import { Secret } from '../../src/config/secret.ts'
import { type SwapInput, swapDatabases } from '../../src/sources/postgres/swap/swap-databases.ts'
import { systemClock } from '../../src/system/clock.ts'

const input = JSON.parse(process.env.SWAP ?? '') as Omit<SwapInput, 'clock'>
const password = new Secret(process.env.PASSWORD ?? '')
await swapDatabases({ ...input, admin: { ...input.admin, password }, clock: systemClock }, new AbortController().signal)
