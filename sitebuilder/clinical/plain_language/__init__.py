"""Plain-language checks: pure functions over `Passage` values and plain text."""
