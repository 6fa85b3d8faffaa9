"""Read source files from the disk and parse them: config, pages, YAML data."""
