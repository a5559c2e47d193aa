"""Other systems' functions, argument for argument; no module here needs the system it follows."""
