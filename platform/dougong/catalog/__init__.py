"""YAML in, one frozen Catalog out; touches no database."""
