"""Render pages with Jinja templates. Only this package imports jinja2."""
