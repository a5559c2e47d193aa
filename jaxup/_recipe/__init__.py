"""A resample as data: which axes, and for each axis which rows of which weights."""
