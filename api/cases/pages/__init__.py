"""The pages of the hall: queue, opening, cases, persons, processes and official papers."""
