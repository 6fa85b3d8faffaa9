"""Decision tools: parsing, evaluation, pages, and the proof that no answers skip emergency help."""
