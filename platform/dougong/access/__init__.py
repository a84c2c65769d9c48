"""Who may see and do what: roles (OR), guards (AND), fields; row rules as SQL."""
