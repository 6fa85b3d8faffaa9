"""Facts, sources, glossary terms and warning signs: each is stored once, in content/.

`facts`, `glossary` and `warning_signs` parse the files, `usage` finds what a page depends on,
`claims` and `balance` check the text of pages, `unused` finds entries that are unused or out of
date, and `listings` renders pages of all entries.
"""
