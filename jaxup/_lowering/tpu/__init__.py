"""TPUs: a matrix unit, and memory in tiles of 8 x 128."""
