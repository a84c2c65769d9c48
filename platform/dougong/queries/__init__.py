"""Reading many records: lists, filters, pages, counts, search, look-ups, changes."""
