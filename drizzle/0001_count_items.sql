-- Keeps namespace_stats exact: every change of items and its count are one transaction.
CREATE TRIGGER items_count_insert AFTER INSERT ON items WHEN NEW.deleted_at IS NULL BEGIN
  INSERT INTO namespace_stats (namespace, total, matched)
  VALUES (NEW.namespace, 1, NEW.requestor IS NOT NULL)
  ON CONFLICT (namespace) DO UPDATE SET total = total + 1, matched = matched + excluded.matched;
END;--> statement-breakpoint
CREATE TRIGGER items_count_update AFTER UPDATE OF requestor, deleted_at ON items BEGIN
  INSERT INTO namespace_stats (namespace, total, matched)
  VALUES (
    NEW.namespace,
    (NEW.deleted_at IS NULL) - (OLD.deleted_at IS NULL),
    (NEW.deleted_at IS NULL AND NEW.requestor IS NOT NULL)
      - (OLD.deleted_at IS NULL AND OLD.requestor IS NOT NULL)
  )
  ON CONFLICT (namespace) DO UPDATE
  SET total = total + excluded.total, matched = matched + excluded.matched;
END;
