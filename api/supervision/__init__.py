"""Supervision: alerts, tasks, and the figures by which a desk is judged."""
