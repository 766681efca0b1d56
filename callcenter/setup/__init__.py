"""Tooling that makes a machine ready and runs the parts together: set-up steps and the supervisor.

It stands beside the command line, above everything else; nothing below imports it. Privileged work
is done only by named commands (`apt-get`, `mmdebstrap`), never by this process itself.
"""
