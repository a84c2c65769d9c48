"""The implementer's hand tools."""
