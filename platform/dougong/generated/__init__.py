"""Code generated per entity: structs, validators, formulas and SQL text, made once from the catalog."""
