import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ground, prepareGround } from '../support/hostile-ground.ts'
import { type Finding, runAttacks } from '../support/hostile-runs.ts'
import { attacksFor } from './hostile/attacks.ts'
