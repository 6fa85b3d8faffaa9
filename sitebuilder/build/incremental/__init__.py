"""Incremental builds: reuse the last build, and render only the pages that a change affects.

`IncrementalBuilder` is the entry point for commands. The modules, from the inside out:

    record          what is stored of a build: one file, used whole or not at all
    artifacts       where the bytes of rendered pages are stored
    record_writer   make a record from a build
    rerender        render pages whose body alone has changed
    reuse           replay the previous build, if nothing or only bodies have changed
    builder         choose the cheapest of these, else run the whole pipeline
"""
