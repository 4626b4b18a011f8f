"""Cases: applications being worked on at the desk, from opening to the last paper."""
