"""Weight functions of kernels, and checks of the numbers that they are made of."""
