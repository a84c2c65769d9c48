"""One customer's house: its modules, its configuration, its database."""
