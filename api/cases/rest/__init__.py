"""Cases over REST: every action of the desk, for other systems."""
