import type { Scope } from '../../domain/api-key.ts'
import type { FieldError } from '../../domain/errors.ts'

/** What the OpenAPI document shows of an operation besides its schemas. */
export type Example = {
  scope?: Scope
  /** Bodies by media type. Swagger UI's "Try it out" starts with the first one. */
  request?: Record<string, unknown>
  answer: Record<string, unknown>
  /** The field error of a 422. */
  invalid: FieldError
}

export const exampleNamespace = 'summer-sale'
const createdAt = '2030-06-01T09:00:00.000Z'
const matchedAt = '2030-06-01T09:30:00.000Z'
const unknown = (known: string) => ({
  pointer: '#',
  detail: `the 1st parameter of the query is unknown; ${known}`,
})
const noQuery = unknown('this route takes none')
const items = [
  { item: 'SUN-1', requestor: 'user-123', matchedAt, createdAt },
  { item: 'SUN-2', requestor: null, matchedAt: null, createdAt },
  { item: 'SUN-3', requestor: null, matchedAt: null, createdAt },
]
const counts = { added: 0, restored: 0, removed: 0, released: 0, unchanged: 0, conflicts: [] }
const key = {
  id: 'key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c',
  namespace: exampleNamespace,
  name: 'shop',
  scopes: ['match', 'read', 'write'],
  createdAt,
  expiresAt: null,
}

/**
 * An example of each operation. In this order they form one scenario, which a test plays back, so the answers
 * are what zaas really answers.
 */
export const examples: Record<string, Example> = {
  'POST /admin/api-keys': {
    request: { 'application/json': { namespace: exampleNamespace, name: 'shop' } },
    answer: {
      'application/json': {
        success: true,
        message: 'API key created successfully',
        ...key,
        apiKey: 'zaas_3fK9mZqT7bXw2LcVn8RdYh5PsGj4E1aU0',
      },
    },
    invalid: { pointer: '#/namespace', detail: 'is required' },
  },
  'PATCH /namespaces/{namespace}/items': {
    scope: 'write',
    request: { 'application/json': { add: ['SUN-1', 'SUN-2', 'SUN-3'] } },
    answer: {
      'application/json': { success: true, message: 'Added 3 items', ...counts, added: 3 },
    },
    invalid: { pointer: '#/remove/0', detail: 'is in two of the lists' },
  },
  'POST /namespaces/{namespace}/match': {
    scope: 'match',
    request: { 'application/json': { requestor: 'user-123' } },
    answer: {
      'application/json': {
        success: true,
        item: 'SUN-1',
        message: 'Item successfully matched',
        matchedAt,
        alreadyMatched: false,
      },
    },
    invalid: { pointer: '#/requestor', detail: 'is required' },
  },
  'GET /namespaces/{namespace}/items': {
    scope: 'read',
    answer: {
      'application/json': { items, nextCursor: null },
      'text/csv': [
        'item,requestor,matchedAt,createdAt',
        ...items.map((row) => Object.values(row).join(',')),
        '',
      ].join('\r\n'),
      'application/x-ndjson': items.map((row) => `${JSON.stringify(row)}\n`).join(''),
    },
    invalid: {
      pointer: '#/limit',
      detail: 'must be a whole number from 1 to 1000 (limit in the query)',
    },
  },
  'GET /namespaces/{namespace}/stats': {
    scope: 'read',
    answer: { 'application/json': { total: 3, matched: 1, available: 2 } },
    invalid: noQuery,
  },
  'GET /admin/namespaces': {
    answer: {
      'application/json': {
        namespaces: [{ namespace: exampleNamespace, total: 3, matched: 1, available: 2 }],
        nextCursor: null,
      },
    },
    invalid: {
      pointer: '#/limit',
      detail: 'must be a whole number from 1 to 1000 (limit in the query)',
    },
  },
  'POST /namespaces/{namespace}/items': {
    scope: 'write',
    request: {
      'text/plain': 'MOON-1\nMOON-2\n',
      'text/csv': 'Code;Value\nMARS-1;10,00\nMARS-2;10,00\n',
      'application/x-ndjson': '"STAR-1"\n{"item":"STAR-2"}\n',
    },
    answer: {
      'application/json': {
        success: true,
        message: 'Added 2 items',
        received: 2,
        added: 2,
        restored: 0,
        unchanged: 0,
        invalid: 0,
        leftRemoved: 0,
        mended: 0,
        warned: 0,
        read: {
          encoding: 'utf-8',
          delimiter: null,
          header: null,
          column: null,
          ignored: [],
          lines: 2,
        },
        warnings: [],
        errors: [],
      },
    },
    invalid: { pointer: '#/header', detail: 'must be true or false (header in the query)' },
  },
  // All that is there by now, so that trying it out takes nothing away.
  'PUT /namespaces/{namespace}/items': {
    scope: 'write',
    request: {
      'application/json': {
        items: [
          'SUN-1',
          'SUN-2',
          'SUN-3',
          'MOON-1',
          'MOON-2',
          'MARS-1',
          'MARS-2',
          'STAR-1',
          'STAR-2',
        ],
      },
    },
    answer: {
      'application/json': {
        success: true,
        message: 'No changes made',
        ...counts,
        unchanged: 9,
        kept: 0,
      },
    },
    invalid: { pointer: '#/items', detail: 'is required' },
  },
  'GET /admin/api-keys': {
    answer: {
      'application/json': { apiKeys: [{ ...key, apiKey: 'zaas_3fK9…', lastUsedAt: matchedAt }] },
    },
    invalid: {
      pointer: '#/namespace',
      detail:
        'must be a string: 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a ' +
        'digit (namespace in the query)',
    },
  },
  'DELETE /admin/api-keys/{apiKey}': {
    answer: {
      'application/json': {
        success: true,
        message: 'API key deleted successfully',
        deleted: 1,
      },
    },
    invalid: unknown('known is namespace'),
  },
  'GET /': { answer: { 'text/plain': 'zaas' }, invalid: noQuery },
  'GET /health/live': { answer: { 'application/json': { status: 'live' } }, invalid: noQuery },
  'GET /health/ready': {
    answer: { 'application/json': { status: 'ready', durability: 'full' } },
    invalid: noQuery,
  },
  'GET /metrics': {
    answer: {
      'text/plain': [
        '# HELP zaas_matches_total Requests for a match, by outcome and namespace (~other: past 1000 namespaces).',
        '# TYPE zaas_matches_total counter',
        `zaas_matches_total{namespace="${exampleNamespace}",outcome="new"} 1`,
        '',
        '# HELP zaas_items_available Items that nobody has.',
        '# TYPE zaas_items_available gauge',
        `zaas_items_available{namespace="${exampleNamespace}"} 8`,
        '',
      ].join('\n'),
    },
    invalid: noQuery,
  },
}
