"""The results: compared with the targets, and drawn as tables."""
