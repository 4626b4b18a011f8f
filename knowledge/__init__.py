"""What the office knows and how it finds out: laws, organs, facts, materials, items, sources."""
