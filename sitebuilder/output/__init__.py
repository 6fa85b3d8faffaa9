"""Publish a build: files that go with the pages, headers, and the writing of the output folder."""
