"""The command line: arguments, one module for each group of commands, exit codes."""
