"""Rules, facts and a day in; a decision out. Pure: no clock, no database, no network."""
