"""The command line. A command is three moves: build what it needs, call one function, print its report.

Nothing heavy is imported when this package is: a command imports what it calls when it runs.
"""
