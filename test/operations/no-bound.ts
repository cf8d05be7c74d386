import { Quota } from '../../src/http/quota.ts'

// Loaded before a server: the mutant whose bounds bound nothing.
Quota.prototype.take = () => () => {}
