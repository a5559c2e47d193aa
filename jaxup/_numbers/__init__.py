"""Numbers that only the program knows: steps of symbolic sizes, and sums of two float32."""
