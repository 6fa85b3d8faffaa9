"""What is published besides pages: sitemap, robots, redirects. Bytes from a site, no I/O."""
