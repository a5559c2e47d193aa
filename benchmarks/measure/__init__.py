"""The cells, the programs that compute them, and how these are timed or compiled."""
