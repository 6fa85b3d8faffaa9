"""Incremental builds: reuse what the last build left, render again what its changes reach.

`IncrementalBuilder` is the way in for commands. The modules, from the inside out:

    record          what is kept of a build: one file, used whole or not at all
    artifacts       where the bytes of rendered pages are kept
    record_writer   make a record from a build
    rerender        render pages whose body alone has changed
    reuse           replay the previous build, if nothing or only bodies have changed
    builder         choose the cheapest of these, else run the whole pipeline
"""
