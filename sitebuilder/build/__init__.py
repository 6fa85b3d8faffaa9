"""Build a site: load pages, assemble the site, render pages, list the outputs."""
