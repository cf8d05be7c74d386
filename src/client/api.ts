// Generated from openapi.json by `bun run openapi`.

export interface paths {
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is there?
         * @description Answers zaas; a browser gets a page with links to the others.
         */
        get: operations["greet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the process running?
         * @description Answers without asking the database.
         */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Can it serve requests now?
         * @description durability: full when each commit is synced to disk before it is answered.
         */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/match": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Match a requestor with an item
         * @description Gives the requestor the oldest available item, or the one that it already has. Answered only after the match is synced to disk. If the answer is lost, ask again. Needs the scope `match`.
         */
        post: operations["match"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces/{namespace}/items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the items of a namespace
         * @description In the order they were added, or from the end with order=desc; removed ones left out. As items go out in their order, the matched ones from the end are the latest. Without limit the whole list is streamed; with it, nextCursor, and a link header with rel="next", lead to the next page. As CSV, cells that a spreadsheet would run as a formula begin with a quote; as NDJSON, nothing is changed. Looking never matches. Needs the scope `read`.
         */
        get: operations["listItems"];
        /**
         * Make the stock this list
         * @description All of it or nothing. Adds what is missing and removes available items that are not listed. Items already handed out are kept, unless removeMatched is true. A new item is without white space at either end and without the invisible characters U+FEFF, U+200B, U+2060, U+00AD, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069. Needs the scope `write`.
         */
        put: operations["replaceItems"];
        /**
         * Import items
         * @description An item a line; CSV with a column of items; or a JSON string or {"item"} a line. read says how the file was understood; what it does not tell is a 422 that names the parameter which does, and adds nothing. White space and invisible characters around an item are taken off (mended); what looks damaged is added and told (warned). Works in chunks, each atomic: an upload that breaks off has added a prefix, and sending it again adds the rest. Bad lines are skipped, the first 100 told; with none that is good, it is a 422. A file that has requestors is refused unless matches=drop. restore=false leaves removed items removed (leftRemoved). dryRun=true changes nothing, and shows the first items. Needs the scope `write`.
         */
        post: operations["importItems"];
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Add, remove and release items
         * @description All of it or nothing. Items are removed, then released, then added. add undoes remove; remove lets the requestor match anew; release puts a matched item back into the queue. A new item is without white space at either end and without the invisible characters U+FEFF, U+200B, U+2060, U+00AD, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069. Needs the scope `write`.
         */
        patch: operations["changeItems"];
        trace?: never;
    };
    "/namespaces/{namespace}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count the items of a namespace
         * @description One snapshot: total is always matched plus available. Needs the scope `read`.
         */
        get: operations["countItems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys
         * @description The oldest first, masked. apiKey finds the bindings of a key that you hold. With limit, nextCursor leads on; without, all of them are streamed.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Bind an API key to a namespace
         * @description Without apiKey the server makes one. The full key is in this answer and never again. A key may be bound to several namespaces, with one call for each.
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys/{apiKey}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete an API key
         * @description Takes the key itself or an id; namespace limits it to one binding. The key stops working within a second on every instance.
         */
        delete: operations["deleteKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/namespaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the namespaces
         * @description Those that have an API key or have ever had an item, by name, with their counts in one snapshot. At most limit of them, 100 unless said; nextCursor leads on.
         */
        get: operations["listNamespaces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics for Prometheus
         * @description Answers without a database too: zaas_database_up says whether its part is there.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            /** @enum {string} */
            code: "malformed_body" | "unauthenticated" | "forbidden" | "insufficient_scope" | "not_found" | "method_not_allowed" | "conflict" | "body_too_large" | "unsupported_media_type" | "invalid" | "internal" | "unavailable";
            requestId: string;
            errors?: {
                pointer: string;
                detail: string;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    greet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example zaas */
                    "text/plain": "zaas";
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "live"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "live";
                    };
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ready",
                     *       "durability": "full"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "ready";
                        /** @enum {string} */
                        durability: "full" | "relaxed";
                    };
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    match: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "requestor": "user-123"
                 *     }
                 */
                "application/json": {
                    /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                    requestor: string;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "item": "SUN-1",
                     *       "message": "Item successfully matched",
                     *       "matchedAt": "2030-06-01T09:30:00.000Z",
                     *       "alreadyMatched": false
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        item: string;
                        message: string;
                        /** Format: date-time */
                        matchedAt: string;
                        alreadyMatched: boolean;
                    } | {
                        /** @constant */
                        success: false;
                        /** @constant */
                        reason: "none_left";
                        message: string;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listItems: {
        parameters: {
            query?: {
                /** @description 1 to 1024 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                item?: string;
                /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                requestor?: string;
                /** @description available or matched */
                status?: "available" | "matched";
                /** @description asc or desc */
                order?: "asc" | "desc";
                /** @description a whole number from 1 to 1000 */
                limit?: number;
                /** @description a nextCursor of an earlier answer */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "item": "SUN-1",
                     *           "requestor": "user-123",
                     *           "matchedAt": "2030-06-01T09:30:00.000Z",
                     *           "createdAt": "2030-06-01T09:00:00.000Z"
                     *         },
                     *         {
                     *           "item": "SUN-2",
                     *           "requestor": null,
                     *           "matchedAt": null,
                     *           "createdAt": "2030-06-01T09:00:00.000Z"
                     *         },
                     *         {
                     *           "item": "SUN-3",
                     *           "requestor": null,
                     *           "matchedAt": null,
                     *           "createdAt": "2030-06-01T09:00:00.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        items: {
                            item: string;
                            requestor: string | null;
                            /** Format: date-time */
                            matchedAt: string | null;
                            /** Format: date-time */
                            createdAt: string;
                        }[];
                        nextCursor: string | null;
                    };
                    /**
                     * @example item,requestor,matchedAt,createdAt
                     *     SUN-1,user-123,2030-06-01T09:30:00.000Z,2030-06-01T09:00:00.000Z
                     *     SUN-2,,,2030-06-01T09:00:00.000Z
                     *     SUN-3,,,2030-06-01T09:00:00.000Z
                     */
                    "text/csv": string;
                    /**
                     * @example {"item":"SUN-1","requestor":"user-123","matchedAt":"2030-06-01T09:30:00.000Z","createdAt":"2030-06-01T09:00:00.000Z"}
                     *     {"item":"SUN-2","requestor":null,"matchedAt":null,"createdAt":"2030-06-01T09:00:00.000Z"}
                     *     {"item":"SUN-3","requestor":null,"matchedAt":null,"createdAt":"2030-06-01T09:00:00.000Z"}
                     */
                    "application/x-ndjson": string;
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replaceItems: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "items": [
                 *         "SUN-1",
                 *         "SUN-2",
                 *         "SUN-3",
                 *         "MOON-1",
                 *         "MOON-2",
                 *         "MARS-1",
                 *         "MARS-2",
                 *         "STAR-1",
                 *         "STAR-2"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description a list of at most 100000 items */
                    items: string[];
                    /** @description true or false */
                    removeMatched?: boolean | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "message": "No changes made",
                     *       "added": 0,
                     *       "restored": 0,
                     *       "removed": 0,
                     *       "released": 0,
                     *       "unchanged": 9,
                     *       "conflicts": [],
                     *       "kept": 0
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        added: number;
                        restored: number;
                        removed: number;
                        released: number;
                        unchanged: number;
                        conflicts: string[];
                        kept: number;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    importItems: {
        parameters: {
            query?: {
                /** @description a heading, or a number counted from 1 */
                column?: string;
                /** @description one of , ; | and tab, or comma, semicolon, pipe or tab in letters */
                delimiter?: string;
                /** @description true or false */
                header?: boolean;
                /** @description drop */
                matches?: "drop";
                /** @description true or false */
                restore?: boolean;
                /** @description true or false */
                dryRun?: boolean;
            };
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example MOON-1
                 *     MOON-2
                 */
                "text/plain": string;
                /**
                 * @example Code;Value
                 *     MARS-1;10,00
                 *     MARS-2;10,00
                 */
                "text/csv": string;
                /**
                 * @example "STAR-1"
                 *     {"item":"STAR-2"}
                 */
                "application/x-ndjson": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "message": "Added 2 items",
                     *       "received": 2,
                     *       "added": 2,
                     *       "restored": 0,
                     *       "unchanged": 0,
                     *       "invalid": 0,
                     *       "leftRemoved": 0,
                     *       "mended": 0,
                     *       "warned": 0,
                     *       "read": {
                     *         "encoding": "utf-8",
                     *         "delimiter": null,
                     *         "header": null,
                     *         "column": null,
                     *         "ignored": [],
                     *         "lines": 2
                     *       },
                     *       "warnings": [],
                     *       "errors": []
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        received: number;
                        added: number;
                        restored: number;
                        unchanged: number;
                        invalid: number;
                        leftRemoved: number;
                        mended: number;
                        warned: number;
                        read: {
                            encoding: string;
                            delimiter: string | null;
                            header: string[] | null;
                            column: number | null;
                            ignored: string[];
                            lines: number;
                        };
                        items?: {
                            item: string;
                        }[];
                        warnings: {
                            line: number;
                            detail: string;
                        }[];
                        errors: {
                            line: number;
                            detail: string;
                        }[];
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeItems: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "add": [
                 *         "SUN-1",
                 *         "SUN-2",
                 *         "SUN-3"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description a list of at most 100000 items */
                    add?: string[] | null;
                    /** @description a list of at most 100000 items */
                    remove?: string[] | null;
                    /** @description a list of at most 100000 items */
                    release?: string[] | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "message": "Added 3 items",
                     *       "added": 3,
                     *       "restored": 0,
                     *       "removed": 0,
                     *       "released": 0,
                     *       "unchanged": 0,
                     *       "conflicts": []
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        added: number;
                        restored: number;
                        removed: number;
                        released: number;
                        unchanged: number;
                        conflicts: string[];
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    countItems: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit
                 * @example summer-sale
                 */
                namespace: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "total": 3,
                     *       "matched": 1,
                     *       "available": 2
                     *     }
                     */
                    "application/json": {
                        total: number;
                        matched: number;
                        available: number;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: {
                /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                namespace?: string;
                /** @description 1 to 255 visible ASCII characters that do not begin with key_ */
                apiKey?: string;
                /** @description a whole number from 1 to 1000 */
                limit?: number;
                /** @description a nextCursor of an earlier answer */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "apiKeys": [
                     *         {
                     *           "id": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c",
                     *           "namespace": "summer-sale",
                     *           "name": "shop",
                     *           "scopes": [
                     *             "match",
                     *             "read",
                     *             "write"
                     *           ],
                     *           "createdAt": "2030-06-01T09:00:00.000Z",
                     *           "expiresAt": null,
                     *           "apiKey": "zaas_3fK9…",
                     *           "lastUsedAt": "2030-06-01T09:30:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        apiKeys: {
                            id: string;
                            apiKey: string;
                            namespace: string;
                            name: string | null;
                            /** @description a list of match, read and write, each at most once */
                            scopes: ("match" | "read" | "write")[];
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            expiresAt: string | null;
                            /** Format: date-time */
                            lastUsedAt: string | null;
                        }[];
                        nextCursor?: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "namespace": "summer-sale",
                 *       "name": "shop"
                 *     }
                 */
                "application/json": {
                    /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                    namespace: string;
                    /** @description 1 to 255 visible ASCII characters that do not begin with key_ */
                    apiKey?: string | null;
                    /** @description 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space */
                    name?: string | null;
                    /** @description a list of match, read and write, each at most once */
                    scopes?: ("match" | "read" | "write")[] | null;
                    /** @description a time in UTC, written like 2030-01-31T23:59:59.000Z */
                    expiresAt?: string | null;
                };
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "message": "API key created successfully",
                     *       "id": "key_5f0c9a5e-7c3b-4f0e-9d5a-2f6f3a1f4b7c",
                     *       "namespace": "summer-sale",
                     *       "name": "shop",
                     *       "scopes": [
                     *         "match",
                     *         "read",
                     *         "write"
                     *       ],
                     *       "createdAt": "2030-06-01T09:00:00.000Z",
                     *       "expiresAt": null,
                     *       "apiKey": "zaas_3fK9mZqT7bXw2LcVn8RdYh5PsGj4E1aU0"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        id: string;
                        apiKey: string;
                        namespace: string;
                        name: string | null;
                        /** @description a list of match, read and write, each at most once */
                        scopes: ("match" | "read" | "write")[];
                        /** Format: date-time */
                        createdAt: string;
                        /** Format: date-time */
                        expiresAt: string | null;
                    };
                };
            };
            /** @description Bad Request */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Payload Too Large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unsupported Media Type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteKey: {
        parameters: {
            query?: {
                /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                namespace?: string;
            };
            header?: never;
            path: {
                apiKey: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "success": true,
                     *       "message": "API key deleted successfully",
                     *       "deleted": 1
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        deleted: number;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listNamespaces: {
        parameters: {
            query?: {
                /** @description a whole number from 1 to 1000 */
                limit?: number;
                /** @description a nextCursor of an earlier answer */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "namespaces": [
                     *         {
                     *           "namespace": "summer-sale",
                     *           "total": 3,
                     *           "matched": 1,
                     *           "available": 2
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": {
                        namespaces: {
                            /** @description 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit */
                            namespace: string;
                            total: number;
                            matched: number;
                            available: number;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "retry-after"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example # HELP zaas_matches_total Requests for a match, by outcome and namespace (~other: past 1000 namespaces).
                     *     # TYPE zaas_matches_total counter
                     *     zaas_matches_total{namespace="summer-sale",outcome="new"} 1
                     *
                     *     # HELP zaas_items_available Items that nobody has.
                     *     # TYPE zaas_items_available gauge
                     *     zaas_items_available{namespace="summer-sale"} 8
                     */
                    "text/plain": string;
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
