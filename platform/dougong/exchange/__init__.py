"""Files in, files out: import, export, mapping, undo."""
