"""Where code may join in."""
