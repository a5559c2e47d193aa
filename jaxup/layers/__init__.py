"""Upsampling as layers, one module per framework, each to be imported by its name."""
