"""Validation and cleaning of the files that are published without rendering."""
