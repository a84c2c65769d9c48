"""The small formula language of rules, defaults, row rules and reports (see functions.md's annex)."""
