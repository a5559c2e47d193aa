"""Resampling whose coordinates the program computes: taps gathered and summed, or a product."""
