"""Pages from templates: views -> templates -> page, in that order. The only door to jinja2."""
