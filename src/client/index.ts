export {
  type Admin,
  type AdminOptions,
  type CreatedKey,
  createAdmin,
  type Key,
  type NamespaceCounts,
  type NewKey,
  type Scope,
} from './admin.ts'
export {
  type Change,
  type Changed,
  type Client,
  type ClientOptions,
  createClient,
  type Filter,
  type Imported,
  type ImportType,
  type Item,
  type MatchOutcome,
  type Replaced,
  type Stats,
  type Upload,
} from './client.ts'
export { type ErrorCode, type FieldError, ZaasClientError } from './errors.ts'
export type { CallOptions } from './options.ts'
