"""Refusals of the log: every error of this package is an `AuditError`."""


class AuditError(Exception):
    """What the log, its witness or its vault will not do."""
