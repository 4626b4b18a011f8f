"""The doors and the wiring: command line, REST, pages, the store of decisions."""
