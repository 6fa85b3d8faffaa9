"""What pages draw on, each kept once in content/: facts, sources, terms, warning signs.

`entries` reads a file of named entries, `facts`, `terms` and `signs` know what theirs hold,
`uses` says what of it a page uses, `fill` puts it into the page, `lists` makes pages of all of it.
"""
