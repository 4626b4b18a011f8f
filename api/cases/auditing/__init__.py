"""Cases before an auditor: found, told, verified, decided again, bundled and erased."""
