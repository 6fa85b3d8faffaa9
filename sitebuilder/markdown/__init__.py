"""Conversion of Markdown to safe HTML and blocks. The entry point is `convert`."""
