"""Markdown in, safe parts out: blocks, scan, shape, fold, in that order; `convert` runs them."""
