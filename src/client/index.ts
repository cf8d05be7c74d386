export {
  type Admin,
  type AdminOptions,
  createAdmin,
  type KeyFilter,
  type NewKey,
  type Scope,
} from './admin.ts'
export type {
  Changed,
  CreatedKey,
  ExportType,
  Imported,
  Item,
  ItemPage,
  Key,
  KeyPage,
  MatchOutcome,
  NamespaceCounts,
  NamespacePage,
  Replaced,
  Stats,
} from './answers.ts'
export {
  type Change,
  type Client,
  type ClientOptions,
  createClient,
  type Filter,
  type Upload,
} from './client.ts'
export { type ErrorCode, errorOf, type FieldError, ZaasClientError } from './errors.ts'
export type { CallOptions, ImportOptions, ImportType } from './options.ts'
export type { Paging } from './pages.ts'
