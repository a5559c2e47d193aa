"""The results: held against the targets, as tables on the screen and in Markdown."""
