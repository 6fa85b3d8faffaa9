"""Incremental builds: reuse what the last build left, re-render what its changes reach."""
