"""What a user may pass, and the errors that say what was wrong with it."""
