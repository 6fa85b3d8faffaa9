"""Decision tools: parsing, evaluation, pages, and the proof that no answers bypass help."""
