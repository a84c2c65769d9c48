"""dougong: declare a business in YAML; run it as tables, screens and APIs."""

__version__ = "0.1.0"
