-- Keeps the start of each queue, and what it has passed over, in the transaction of each change of items.
INSERT INTO namespace_stats (namespace, total, matched, queue_start)
SELECT namespace, 0, 0, max(id) + 1 FROM items WHERE requestor IS NOT NULL GROUP BY namespace
ON CONFLICT (namespace) DO UPDATE SET queue_start = excluded.queue_start;--> statement-breakpoint
UPDATE items NOT INDEXED SET passed_over = 1
WHERE deleted_at IS NULL AND requestor IS NULL
  AND id < (SELECT queue_start FROM namespace_stats AS stats WHERE stats.namespace = items.namespace);--> statement-breakpoint
DROP TRIGGER items_count_update;--> statement-breakpoint
-- A match takes the first available row, so that the queue then begins behind it.
CREATE TRIGGER items_count_update AFTER UPDATE OF requestor, deleted_at ON items BEGIN
  INSERT INTO namespace_stats (namespace, total, matched, queue_start)
  VALUES (
    NEW.namespace,
    (NEW.deleted_at IS NULL) - (OLD.deleted_at IS NULL),
    (NEW.deleted_at IS NULL AND NEW.requestor IS NOT NULL)
      - (OLD.deleted_at IS NULL AND OLD.requestor IS NOT NULL),
    iif(NEW.requestor IS NULL, 0, NEW.id + 1)
  )
  ON CONFLICT (namespace) DO UPDATE
  SET total = total + excluded.total, matched = matched + excluded.matched,
    queue_start = max(queue_start, excluded.queue_start);
END;--> statement-breakpoint
CREATE TRIGGER items_queue_match AFTER UPDATE OF requestor ON items
WHEN NEW.requestor IS NOT NULL AND OLD.passed_over IS NOT NULL BEGIN
  UPDATE items SET passed_over = NULL WHERE id = NEW.id;
END;--> statement-breakpoint
CREATE TRIGGER items_queue_restore AFTER UPDATE OF deleted_at ON items
WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL AND NEW.requestor IS NULL BEGIN
  UPDATE items SET passed_over = 1
  WHERE id = NEW.id
    AND id < (SELECT queue_start FROM namespace_stats WHERE namespace = NEW.namespace);
END;--> statement-breakpoint
CREATE TRIGGER items_queue_insert AFTER INSERT ON items WHEN NEW.requestor IS NOT NULL BEGIN
  INSERT INTO namespace_stats (namespace, total, matched, queue_start)
  VALUES (NEW.namespace, 0, 0, NEW.id + 1)
  ON CONFLICT (namespace) DO UPDATE SET queue_start = max(queue_start, excluded.queue_start);
END;
