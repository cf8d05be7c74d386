CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`digest` text NOT NULL,
	`masked` text NOT NULL,
	`namespace` text NOT NULL,
	`name` text,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_live_binding_unique` ON `api_keys` (`digest`,`namespace`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE INDEX `api_keys_live_namespace` ON `api_keys` (`namespace`,`created_at`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE TABLE `items` (
	`id` integer PRIMARY KEY NOT NULL,
	`namespace` text NOT NULL,
	`item` text NOT NULL,
	`requestor` text,
	`matched_at` integer,
	`created_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `items_live_item_unique` ON `items` (`namespace`,`item`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `items_live_requestor_unique` ON `items` (`namespace`,`requestor`) WHERE deleted_at IS NULL AND requestor IS NOT NULL;--> statement-breakpoint
CREATE INDEX `items_live_status` ON `items` (`namespace`,(requestor IS NULL)) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE INDEX `items_live_list` ON `items` (`namespace`) WHERE deleted_at IS NULL;--> statement-breakpoint
CREATE INDEX `items_removed_item` ON `items` (`namespace`,`item`) WHERE deleted_at IS NOT NULL;--> statement-breakpoint
CREATE TABLE `namespace_stats` (
	`namespace` text PRIMARY KEY NOT NULL,
	`total` integer NOT NULL,
	`matched` integer NOT NULL
);
