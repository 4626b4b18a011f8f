"""Official papers of cases: notices, commitments and acceptances, as sheets and as PDF."""
