"""GPUs: gathers, which XLA fuses into one kernel."""
