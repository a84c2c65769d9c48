"""Tables and their change; the only room that writes DDL."""
