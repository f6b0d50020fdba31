"""The runner: a small HTTP server that executes Python programs (see ../PROTOCOL.md)."""

VERSION = "0.1.0"
