"""The parts of the command line; ``jaxup.cli`` joins them."""
