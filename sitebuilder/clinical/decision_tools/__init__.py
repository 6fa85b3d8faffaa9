"""Decision tools: the table, what it means, and the proof that no answer leads past help."""
