"""What the office knows: laws, organs, facts, materials, items, processes, sources."""
