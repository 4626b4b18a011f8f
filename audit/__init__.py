"""The record: opaque bytes in, proofs out. It knows nothing of law."""
